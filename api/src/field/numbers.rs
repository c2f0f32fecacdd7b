//! Numbers of limited range, exact to the last digit that the database keeps.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::decimal::Decimal;

/// A number that its field cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is {found}; allowed is {allowed}")]
pub struct OutOfRange {
    found: String,
    allowed: &'static str,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, $scale:literal, $fits:expr, $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(Decimal);

        impl $name {
            /// Takes a number within the range.
            pub fn new(number: Decimal) -> Result<Self, OutOfRange> {
                let fits: fn(&Decimal) -> bool = $fits;
                if number.normalized().scale() <= $scale && fits(&number) {
                    return Ok(Self(number));
                }
                Err(OutOfRange { found: number.to_string(), allowed: $allowed })
            }

            /// The number.
            pub fn get(&self) -> &Decimal {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(Decimal::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

number!(
    /// A quantity, a price or a sum of money: not negative, below 10^20, to 18 decimals (`numeric(38,18)`).
    Amount, "0 to below 10^20 with at most 18 decimals", 18,
    |number| *number >= Decimal::zero() && *number < Decimal::power_of_ten(20),
    {"type": "number", "minimum": 0, "exclusiveMaximum": 1e20}
);

number!(
    /// A share to sell, in per cent: above 0, at most 100, to 4 decimals (`numeric(10,4)`).
    Share, "above 0 to 100 with at most 4 decimals", 4,
    |number| *number > Decimal::zero() && *number <= Decimal::scaled(100, 0),
    {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
);

number!(
    /// A gain over a price, in per cent: above -100, below a million, to 4 decimals (`numeric(10,4)`).
    Gain, "above -100 to below 1000000 with at most 4 decimals", 4,
    |number| *number > Decimal::whole(-100) && *number < Decimal::power_of_ten(6),
    {"type": "number", "exclusiveMinimum": -100, "exclusiveMaximum": 1_000_000}
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_what_the_column_holds() {
        let read = |json: &str| serde_json::from_str::<Amount>(json);
        for good in
            ["0", "99999999999999999999.999999999999999999", "1e19", "1.50e1", "0.1000000000000000000000"]
        {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in ["-0.1", "1e20", "0.0000000000000000001", "1e999999999", "null", "\"x\"", "[]"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read("-1").unwrap_err().to_string().contains("is -1; allowed is 0 to below 10^20"));
    }

    #[test]
    fn shares_and_gains_have_their_bounds() {
        let share = |text: &str| Share::new(text.parse().unwrap()).is_ok();
        assert_eq!(["0", "0.0001", "100", "100.0001"].map(share), [false, true, true, false]);
        let gain = |text: &str| Gain::new(text.parse().unwrap()).is_ok();
        assert_eq!(["-100", "-99.9999", "999999", "1000000"].map(gain), [false, true, true, false]);
    }
}
