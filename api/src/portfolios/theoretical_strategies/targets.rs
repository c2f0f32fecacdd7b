//! At which price how much is sold.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::decimal::Decimal;
use crate::field::{Amount, Gain, Share};

/// Most targets of a strategy: each sells at least 1 per cent.
const MAX_TARGETS: usize = 100;

/// Targets that together sell at most everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ProfitTargets(Vec<ProfitTarget>);

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfitTarget {
    /// Its place among the others.
    order: u32,
    target_type: TargetType,
    /// A price, or a gain over the average price in per cent.
    target_value: Decimal,
    /// How much of the quantity is sold, in per cent.
    sell_percentage: Share,
}

/// What a target's value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetType {
    /// A gain over the average price, in per cent.
    Percentage,
    /// A price.
    Price,
}

impl ProfitTargets {
    /// Reads targets as they are stored; one that breaks today's rules is left out.
    pub fn read(stored: &str) -> Self {
        let targets: Vec<&RawValue> = serde_json::from_str(stored).unwrap_or_default();
        Self(targets.into_iter().filter_map(|target| serde_json::from_str(target.get()).ok()).collect())
    }

    /// The targets.
    pub fn iter(&self) -> impl Iterator<Item = &ProfitTarget> {
        self.0.iter()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl ProfitTarget {
    /// The price at which it sells: average price x (1 + gain / 100), or the price itself.
    pub fn price(&self, average_price: &Decimal) -> Decimal {
        match self.target_type {
            TargetType::Percentage => average_price.plus_percent(&self.target_value),
            TargetType::Price => self.target_value.clone(),
        }
    }

    /// What [`ProfitTarget::value`] means.
    pub fn kind(&self) -> TargetType {
        self.target_type
    }

    /// A price, or a gain over the average price in per cent.
    pub fn value(&self) -> &Decimal {
        &self.target_value
    }

    /// How much of the quantity is sold, in per cent.
    pub fn sell_percentage(&self) -> &Decimal {
        self.sell_percentage.get()
    }
}

impl<'de> Deserialize<'de> for ProfitTargets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let targets = Vec::<ProfitTarget>::deserialize(deserializer)?;
        if targets.len() > MAX_TARGETS {
            return Err(D::Error::custom(format!(
                "holds {} targets; allowed are {MAX_TARGETS}",
                targets.len()
            )));
        }
        let sold: Decimal = targets.iter().map(ProfitTarget::sell_percentage).sum();
        if sold > Decimal::whole(100) {
            return Err(D::Error::custom(format!("sell {sold} per cent together; allowed are 100")));
        }
        Ok(Self(targets))
    }
}

impl<'de> Deserialize<'de> for ProfitTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Unchecked {
            order: i64,
            target_type: TargetType,
            target_value: Decimal,
            sell_percentage: Share,
        }
        let Unchecked { order, target_type, target_value, sell_percentage } =
            Unchecked::deserialize(deserializer)?;
        let checked = match target_type {
            TargetType::Percentage => Gain::new(target_value.clone()).map(drop),
            TargetType::Price => Amount::new(target_value.clone()).map(drop),
        };
        checked.map_err(|error| D::Error::custom(format!("targetValue {error}")))?;
        let order = u32::try_from(order)
            .map_err(|_| D::Error::custom(format!("order is {order}; allowed is 0 to {}", u32::MAX)))?;
        Ok(Self { order, target_type, target_value, sell_percentage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(kind: &str, value: &str, share: &str) -> String {
        format!(
            r#"{{"order": 1, "targetType": "{kind}", "targetValue": {value}, "sellPercentage": {share}}}"#
        )
    }

    fn read(targets: &[String]) -> Result<ProfitTargets, serde_json::Error> {
        serde_json::from_str(&format!("[{}]", targets.join(",")))
    }

    #[test]
    fn at_most_everything_is_sold() {
        assert!(read(&[target("percentage", "50", "60"), target("price", "2", "40")]).is_ok());
        let error = read(&[target("percentage", "50", "60"), target("price", "2", "40.0001")]).unwrap_err();
        assert!(error.to_string().contains("sell 100.0001 per cent together"), "{error}");
    }

    #[test]
    fn a_gain_may_be_negative_and_a_price_may_not() {
        assert!(read(&[target("percentage", "-10", "1")]).is_ok());
        assert!(read(&[target("price", "-10", "1")]).is_err());
    }

    #[test]
    fn a_gain_is_over_the_average_price() {
        let targets = read(&[target("percentage", "12.5", "1"), target("price", "7", "1")]).unwrap();
        let prices: Vec<String> = targets.iter().map(|t| t.price(&Decimal::whole(80)).to_string()).collect();
        assert_eq!(prices, ["90", "7"]);
    }

    #[test]
    fn stored_targets_that_are_no_targets_are_left_out() {
        assert_eq!(ProfitTargets::read(&format!("[{}, {{}}, 7]", target("price", "7", "1"))).count(), 1);
        assert_eq!(ProfitTargets::read("\"x\"").count(), 0);
    }
}
