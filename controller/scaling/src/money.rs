//! Money: decimal, exact, and never a floating-point number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::civil::as_text;

const MICROS: u64 = 1_000_000;
const DECIMALS: usize = 6;

/// An amount of US dollars, to the millionth: instances are priced in hundredths of a cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Dollars(u64);

impl Dollars {
    /// From millionths of a dollar.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// In millionths of a dollar.
    pub const fn micros(self) -> u64 {
        self.0
    }
}

impl FromStr for Dollars {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("{text:?} is not an amount in $ such as \"0.0416\", to six decimals");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || part.len() > DECIMALS || !digits(whole) || !digits(part) {
            return Err(refuse());
        }
        let whole: u64 = whole.parse().map_err(|_| refuse())?;
        let part: u64 = format!("{part:0<DECIMALS$}").parse().map_err(|_| refuse())?;
        whole.checked_mul(MICROS).and_then(|micros| micros.checked_add(part)).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Dollars {
    /// To the cent, and further only where there is something to be seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:06}", self.0 % MICROS);
        let (cents, rest) = part.split_at(2);
        write!(f, "{}.{cents}{}", self.0 / MICROS, rest.trim_end_matches('0'))
    }
}

as_text!(Dollars);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_to_the_last_digit() {
        for (text, micros, written) in [
            ("0.0416", 41_600, "0.0416"),
            ("12", 12_000_000, "12.00"),
            ("0.1", 100_000, "0.10"),
            ("7.123456", 7_123_456, "7.123456"),
        ] {
            let amount: Dollars = text.parse().unwrap();
            assert_eq!((amount.micros(), amount.to_string().as_str()), (micros, written));
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in
            ["", ".5", "-1", "1e3", "0.1234567", "1.2.3", "99999999999999999999", "NaN", "18446744073709.6"]
        {
            assert!(text.parse::<Dollars>().is_err(), "{text}");
        }
    }
}
