//! A forecast's summary, read from whatever a client once stored.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// The totals of a forecast, in dollars where nothing else is said.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Quantity times average price, over all holdings.
    pub total_invested: Decimal,
    /// What the sales bring.
    pub total_collected: Decimal,
    /// Collected and remaining, less invested.
    pub total_profit: Decimal,
    /// Profit in per cent of what was invested.
    pub return_percentage: Decimal,
    /// What is left, at the current price.
    pub remaining_tokens_value: Decimal,
    /// Holdings with a strategy.
    pub token_count: Decimal,
}

impl Summary {
    /// Reads a stored summary: an object, or (as older clients stored it) a string that holds one. A member that
    /// is missing or is not a number counts as 0, as in the front end.
    pub fn read(stored: &RawValue) -> Self {
        let unwrapped = serde_json::from_str::<String>(stored.get());
        let object = unwrapped.as_deref().unwrap_or(stored.get());
        let members: HashMap<String, &RawValue> = serde_json::from_str(object).unwrap_or_default();
        let member = |name| members.get(name).and_then(|value| number(value)).unwrap_or_default();
        Self {
            total_invested: member("totalInvested"),
            total_collected: member("totalCollected"),
            total_profit: member("totalProfit"),
            return_percentage: member("returnPercentage"),
            remaining_tokens_value: member("remainingTokensValue"),
            token_count: member("tokenCount"),
        }
    }
}

/// A JSON number, or a string that holds one.
fn number(value: &RawValue) -> Option<Decimal> {
    Decimal::read(value.get().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Summary {
        Summary::read(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn numbers_stay_exact() {
        let summary = read(r#"{"totalInvested": 0.1000000000000000055511151231257827, "tokenCount": 3}"#);
        assert_eq!(summary.total_invested, "0.1000000000000000055511151231257827".parse().unwrap());
        assert_eq!(summary.token_count, Decimal::scaled(3, 0));
        assert_eq!(summary.total_profit, Decimal::zero());
    }

    #[test]
    fn an_object_in_a_string_is_read_like_the_object() {
        assert_eq!(read(r#""{\"totalProfit\": \"12.5\"}""#).total_profit, "12.5".parse().unwrap());
    }

    #[test]
    fn what_is_no_number_counts_as_nothing() {
        let strange = [
            r#"{"totalProfit": null}"#,
            r#"{"totalProfit": "much"}"#,
            r#"{"totalProfit": 1e999999999}"#,
            "[]",
            "7",
        ];
        for json in strange {
            assert_eq!(read(json), Summary::default(), "{json}");
        }
    }
}
