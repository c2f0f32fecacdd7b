//! Money and quantities: exact decimals in, exact JSON numbers out, never a float between.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use bigdecimal::{BigDecimal, ParseBigDecimalError, RoundingMode, Zero};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Largest scale that is believed of others, either way: `1e999999999` written out would be a gigabyte.
const MAX_SCALE: i64 = 64;
/// Longest number that is read, in characters.
const MAX_CHARS: usize = 128;

/// Decimals of a percentage, as `numeric(10,4)` holds them.
const PERCENTAGE_SCALE: i64 = 4;

/// An exact decimal: a `numeric` of the database, a number in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// Nothing.
    pub fn zero() -> Self {
        Self::default()
    }

    /// `digits / 10^scale`
    pub fn scaled(digits: u64, scale: i64) -> Self {
        Self(BigDecimal::new(digits.into(), scale))
    }

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(number.into())
    }

    /// `10^exponent`
    pub fn power_of_ten(exponent: i64) -> Self {
        Self(BigDecimal::new(1.into(), -exponent))
    }

    /// A number as a stranger wrote it; none where it is no number, or one that would be huge when written out.
    pub fn read(text: &str) -> Option<Self> {
        let number: Self = (text.len() <= MAX_CHARS).then(|| text.parse().ok()).flatten()?;
        (number.scale().abs() <= MAX_SCALE).then_some(number)
    }

    /// The same number without trailing zeros.
    #[must_use]
    pub fn normalized(&self) -> Self {
        Self(self.0.normalized())
    }

    /// `self / 100`
    #[must_use]
    pub fn hundredth(&self) -> Self {
        let (digits, scale) = self.0.as_bigint_and_exponent();
        Self(BigDecimal::new(digits, scale + 2))
    }

    /// `self x (1 + percent / 100)`
    #[must_use]
    pub fn plus_percent(&self, percent: &Self) -> Self {
        self * &(&Self::whole(1) + &percent.hundredth())
    }

    /// `self / divisor`, rounded half up to so many decimals; none where the divisor is 0.
    pub fn divided_by(&self, divisor: &Self, scale: i64) -> Option<Self> {
        let quotient = (!divisor.0.is_zero()).then(|| &self.0 / &divisor.0)?;
        Some(Self(quotient.with_scale_round(scale, RoundingMode::HalfUp)))
    }

    /// `self / whole x 100`, rounded half up to four decimals; 0 where the whole is 0.
    #[must_use]
    pub fn percent_of(&self, whole: &Self) -> Self {
        if whole.0.is_zero() {
            return Self::zero();
        }
        let percentage = &self.0 * BigDecimal::from(100) / &whole.0;
        Self(percentage.with_scale_round(PERCENTAGE_SCALE, RoundingMode::HalfUp))
    }

    /// Rounded half up to so many decimals.
    #[must_use]
    pub fn rounded(&self, scale: i64) -> Self {
        Self(self.0.with_scale_round(scale, RoundingMode::HalfUp))
    }

    /// Decimals written, or, when negative, zeros before the point.
    pub fn scale(&self) -> i64 {
        self.0.fractional_digit_count()
    }
}

impl FromStr for Decimal {
    type Err = ParseBigDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Add for &Decimal {
    type Output = Decimal;

    fn add(self, other: Self) -> Decimal {
        Decimal(&self.0 + &other.0)
    }
}

impl Sub for &Decimal {
    type Output = Decimal;

    fn sub(self, other: Self) -> Decimal {
        Decimal(&self.0 - &other.0)
    }
}

impl Mul for &Decimal {
    type Output = Decimal;

    fn mul(self, other: Self) -> Decimal {
        Decimal(&self.0 * &other.0)
    }
}

impl Sum<Decimal> for Decimal {
    fn sum<I: Iterator<Item = Decimal>>(items: I) -> Self {
        items.fold(Self::zero(), |total, item| &total + &item)
    }
}

impl<'a> Sum<&'a Decimal> for Decimal {
    fn sum<I: Iterator<Item = &'a Decimal>>(items: I) -> Self {
        items.fold(Self::zero(), |total, item| &total + item)
    }
}

/// Digits and a point, as in JSON.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}

/// A JSON number, or a string that holds one, as clients send whose numbers are floats.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        Self::read(quoted.unwrap_or(text)).ok_or_else(|| D::Error::custom("is not a number"))
    }
}

impl JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

/// Digits and a point, without an exponent and without trailing zeros.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn json(text: &str) -> String {
        serde_json::to_string(&decimal(text)).unwrap()
    }

    #[test]
    fn is_written_as_a_plain_number() {
        assert_eq!(json("1.500000000000000000"), "1.5");
        assert_eq!(json("100"), "100");
        assert_eq!(json("-0.000000000000000001"), "-0.000000000000000001");
        assert_eq!(json("0.000000000000000000"), "0");
        assert_eq!(
            json("12345678901234567890.123456789012345678"),
            "12345678901234567890.123456789012345678"
        );
    }

    #[test]
    fn percentages_have_four_decimals_and_survive_an_empty_whole() {
        assert_eq!(decimal("1").percent_of(&decimal("3")), decimal("33.3333"));
        assert_eq!(decimal("2").percent_of(&decimal("3")), decimal("66.6667"));
        assert_eq!(decimal("-2").percent_of(&decimal("3")), decimal("-66.6667"));
        assert_eq!(decimal("5").percent_of(&Decimal::zero()), Decimal::zero());
    }

    #[test]
    fn products_lose_nothing() {
        let tiny = decimal("0.000000000000000001");
        assert_eq!(&tiny * &tiny, decimal("0.000000000000000000000000000000000001"));
    }
}
