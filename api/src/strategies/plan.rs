//! The arithmetic of steps: where their targets are, and that together they sell at most everything.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::decimal::Decimal;
use crate::field::{Amount, Gain, Notes, OutOfRange, Share};

/// Most steps of a strategy.
const MAX_STEPS: usize = 100;
/// Largest gain that `numeric(10,4)` holds.
const MAX_GAIN: i64 = 999_999;

/// What a step's target is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    /// A price.
    ExactPrice,
    /// A gain over the reference price, in per cent.
    PercentageOfAverage,
}

/// Where a step sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// At a price.
    Price(Amount),
    /// At a gain over the reference price.
    Gain(Gain),
}

/// A step as a client writes it.
#[derive(Clone, Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "the fields document what `Unchecked` reads")]
pub struct NewStep {
    target_type: TargetType,
    /// A price, or a gain over the reference price in per cent.
    target_value: Decimal,
    sell_percentage: Share,
    notes: Option<Notes>,
    #[serde(skip)]
    target: Target,
}

/// Steps that together sell at most everything.
#[derive(Clone, Debug, JsonSchema)]
#[serde(transparent)]
pub struct Steps(Vec<NewStep>);

impl TargetType {
    /// The target that a value of this type is.
    pub fn target(self, value: Decimal) -> Result<Target, OutOfRange> {
        match self {
            Self::ExactPrice => Amount::new(value).map(Target::Price),
            Self::PercentageOfAverage => Gain::new(value).map(Target::Gain),
        }
    }

    /// As the database and the wire name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExactPrice => "exact_price",
            Self::PercentageOfAverage => "percentage_of_average",
        }
    }
}

impl Target {
    /// As the database names its kind.
    pub fn kind(&self) -> TargetType {
        match self {
            Self::Price(_) => TargetType::ExactPrice,
            Self::Gain(_) => TargetType::PercentageOfAverage,
        }
    }

    /// The price: the exact one, or reference price x (1 + gain / 100).
    pub fn price(&self, reference_price: &Decimal) -> Decimal {
        match self {
            Self::Price(price) => price.get().clone(),
            Self::Gain(gain) => reference_price.plus_percent(gain.get()),
        }
    }

    /// The gain over the reference price in per cent: of an exact price as near as the column holds it, 0 where
    /// there is no reference.
    pub fn gain(&self, reference_price: &Decimal) -> Decimal {
        match self {
            Self::Price(price) => {
                (price.get() - reference_price).percent_of(reference_price).min(Decimal::whole(MAX_GAIN))
            }
            Self::Gain(gain) => gain.get().clone(),
        }
    }
}

impl NewStep {
    /// Where it sells.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How much of the strategy's quantity it sells, in per cent.
    pub fn share(&self) -> &Share {
        &self.sell_percentage
    }

    /// What somebody noted.
    pub fn notes(&self) -> Option<&Notes> {
        self.notes.as_ref()
    }
}

impl Steps {
    /// The steps.
    pub fn iter(&self) -> impl Iterator<Item = &NewStep> {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let steps = Vec::<NewStep>::deserialize(deserializer)?;
        if steps.is_empty() || steps.len() > MAX_STEPS {
            let found = steps.len();
            return Err(D::Error::custom(format!("holds {found} steps; allowed are 1 to {MAX_STEPS}")));
        }
        let sold: Decimal = steps.iter().map(|step| step.sell_percentage.get()).sum();
        if sold > Decimal::whole(100) {
            return Err(D::Error::custom(format!("sell {sold} per cent together; allowed are 100")));
        }
        Ok(Self(steps))
    }
}

impl<'de> Deserialize<'de> for NewStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Unchecked {
            target_type: TargetType,
            target_value: Decimal,
            sell_percentage: Share,
            notes: Option<Notes>,
        }
        let Unchecked { target_type, target_value, sell_percentage, notes } =
            Unchecked::deserialize(deserializer)?;
        let target = target_type
            .target(target_value.clone())
            .map_err(|error| D::Error::custom(format!("targetValue {error}")))?;
        Ok(Self { target_type, target_value, sell_percentage, notes, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(shares: &[&str]) -> Result<Steps, serde_json::Error> {
        let step = |share: &&str| {
            format!(
                r#"{{"targetType": "percentage_of_average", "targetValue": 10, "sellPercentage": {share}}}"#
            )
        };
        serde_json::from_str(&format!("[{}]", shares.iter().map(step).collect::<Vec<_>>().join(",")))
    }

    #[test]
    fn at_most_everything_is_sold_and_at_least_something() {
        assert!(steps(&["50", "50"]).is_ok());
        assert!(
            steps(&["50", "50.0001"]).unwrap_err().to_string().contains("sell 100.0001 per cent together")
        );
        assert!(steps(&[]).is_err());
        assert!(steps(&["0"]).is_err());
    }

    #[test]
    fn a_target_is_a_price_and_a_gain() {
        let reference = Decimal::whole(80);
        let gain = TargetType::PercentageOfAverage.target("12.5".parse().unwrap()).unwrap();
        assert_eq!(
            (gain.price(&reference), gain.gain(&reference)),
            (Decimal::whole(90), "12.5".parse().unwrap())
        );
        let price = TargetType::ExactPrice.target(Decimal::whole(90)).unwrap();
        assert_eq!(
            (price.price(&reference), price.gain(&reference)),
            (Decimal::whole(90), "12.5".parse().unwrap())
        );
        assert_eq!(price.gain(&Decimal::zero()), Decimal::zero());
        assert_eq!(price.gain(&"0.000000000000000001".parse().unwrap()), Decimal::whole(MAX_GAIN));
    }
}
