//! Money: decimal, in millionths of a dollar.

use std::fmt;
use std::str::FromStr;

/// What an instance costs an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    micro_usd_per_hour: u64,
}

/// An amount in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(i128);

/// What is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no price; allowed: dollars an hour with at most six decimals, such as 0.0832")]
pub struct PriceError(String);

const MICRO: i128 = 1_000_000;

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let wrong = || PriceError(text.to_owned());
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || whole.len() > 6 || part.len() > 6 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let micro = format!("{whole}{part:0<6}").parse().map_err(|_| wrong())?;
        if micro == 0 { Err(wrong()) } else { Ok(Self { micro_usd_per_hour: micro }) }
    }
}

impl Price {
    /// The cost of so many instance-seconds, which are whole ones to a bill.
    pub fn of(self, instance_s: f64) -> Usd {
        Usd(instance_s.round() as i128 * i128::from(self.micro_usd_per_hour) / 3600)
    }
}

impl Usd {
    /// What it comes to in a month of 30 days if this was the cost of `minutes`.
    #[must_use]
    pub fn a_month(self, minutes: usize) -> Self {
        Self(self.0 * 30 * 1440 / (minutes.max(1) as i128))
    }

    /// How much less this is than another amount.
    #[must_use]
    pub fn less_than(self, other: Self) -> Self {
        Self(other.0 - self.0)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micro = self.micro_usd_per_hour;
        let text = format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000);
        write!(f, "${}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Rounded to dollars, to cents below ten of them; a minus before the sign.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        if amount < 10 * MICRO.unsigned_abs() {
            let cents = (amount + 5_000) / 10_000;
            return write!(f, "{sign}${}.{:02}", cents / 100, cents % 100);
        }
        write!(f, "{sign}${}", grouped((amount + 500_000) / MICRO.unsigned_abs()))
    }
}

/// Thousands apart.
fn grouped(amount: u128) -> String {
    let digits = amount.to_string();
    let place = |(index, digit): (usize, char)| {
        let comma = index > 0 && (digits.len() - index).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_exactly_and_printed_as_it_was() {
        for text in ["0.1008", "12", "0.000001", "3.5"] {
            assert_eq!(text.parse::<Price>().unwrap().to_string(), format!("${text}"));
        }
        for wrong in ["", "-1", "0", "0.0", "1e3", "$1", "0.1234567", "x", ".5", "1234567"] {
            assert_eq!(wrong.parse::<Price>(), Err(PriceError(wrong.to_owned())), "{wrong}");
        }
    }

    #[test]
    fn costs_are_exact_and_rounded_only_to_be_read() {
        let price: Price = "0.1008".parse().unwrap();
        assert_eq!(price.of(3600.0 * 1_000_000.0).to_string(), "$100,800");
        assert_eq!(price.of(3600.0).to_string(), "$0.10");
        assert_eq!(price.of(3600.0 * 99.9).to_string(), "$10");
        let (one, two) = (price.of(36_000.0), price.of(72_000.0));
        assert_eq!(
            (one.less_than(two).to_string(), two.less_than(one).to_string()),
            ("$1.01".into(), "-$1.01".into())
        );
        assert_eq!(one.a_month(1440).to_string(), "$30");
    }
}
