//! One step of a strategy.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::{Target, TargetType};
use super::{Strategy, store};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Change, Notes, Share};
use crate::id::{Id, Kind};
use crate::problem::Problem;
use crate::request::Body;
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// A step as the front end reads it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub(super) id: String,
    pub(super) strategy_id: String,
    pub(super) target_type: String,
    /// A price, or a gain over the reference price in per cent.
    pub(super) target_value: Decimal,
    pub(super) target_price: Decimal,
    pub(super) sell_percentage: Decimal,
    pub(super) sell_quantity: Decimal,
    pub(super) state: String,
    pub(super) triggered_at: Option<Timestamp>,
    pub(super) notes: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Its target was not reached yet.
    Pending,
    /// Its target was reached.
    Triggered,
    /// It was sold.
    Done,
}

impl Kind for Step {
    const NAME: &'static str = "Step";
    const PARAMETER: &'static str = "stepId";
}

/// `PATCH /strategies/{strategyId}/steps/{stepId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepUpdate {
    target_type: Option<TargetType>,
    /// A price, or a gain over the reference price in per cent.
    target_value: Option<Decimal>,
    pub(super) sell_percentage: Option<Share>,
    pub(super) state: Option<StepState>,
    #[serde(default)]
    pub(super) notes: Change<Notes>,
}

/// What a step is measured by now.
pub(super) struct StoredStep {
    pub(super) reference_price: Decimal,
    pub(super) is_exact: bool,
    pub(super) gain: Decimal,
    pub(super) price: Decimal,
    /// What the strategy's other steps sell, in per cent.
    pub(super) others_sell: Decimal,
}

impl StepState {
    /// As the database and the wire name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Triggered => "triggered",
            Self::Done => "done",
        }
    }
}

/// `PATCH /strategies/{strategyId}/steps/{stepId}`: the whole strategy, as the beta answers.
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    strategy: Id<Strategy>,
    step: Id<Step>,
    Body(update): Body<StepUpdate>,
) -> Result<Json<Strategy>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    let stored = store::lock_step(&mut write, &user, &strategy, &step).await?;
    let stored = stored.ok_or(Problem::NotFound(Step::NAME))?;
    let target = update.check(&stored)?;
    store::update_step(&mut write, &step, &update, &target, &stored.reference_price).await?;
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &strategy).await?;
    updated.map(Json).ok_or(Problem::NotFound(Strategy::NAME))
}

impl StepUpdate {
    /// The target that the step has afterwards, if the steps then still sell at most everything.
    fn check(&self, stored: &StoredStep) -> Result<Target, Problem> {
        if let Some(share) = &self.sell_percentage {
            let sold = &stored.others_sell + share.get();
            if sold > Decimal::whole(100) {
                let reason = format!("the steps would sell {sold} per cent together; allowed are 100");
                return Err(Problem::invalid("sellPercentage", reason));
            }
        }
        let is_exact = self.target_type.map_or(stored.is_exact, |kind| kind == TargetType::ExactPrice);
        let kind = if is_exact { TargetType::ExactPrice } else { TargetType::PercentageOfAverage };
        let kept = if is_exact { &stored.price } else { &stored.gain };
        let value = self.target_value.as_ref().unwrap_or(kept);
        kind.target(value.clone()).map_err(|error| Problem::invalid("targetValue", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn stored() -> StoredStep {
        StoredStep {
            reference_price: d("100"),
            is_exact: false,
            gain: d("50"),
            price: d("150"),
            others_sell: d("70"),
        }
    }

    fn update(json: &str) -> Result<Target, Problem> {
        serde_json::from_str::<StepUpdate>(json).unwrap().check(&stored())
    }

    #[test]
    fn the_hundred_per_cent_rule_holds_on_each_write() {
        assert!(update(r#"{"sellPercentage": 30}"#).is_ok());
        let Err(Problem::Invalid { field, reason }) = update(r#"{"sellPercentage": 30.5}"#) else {
            panic!("the steps sell more than everything")
        };
        assert_eq!((field.as_str(), reason.contains("100.5 per cent")), ("sellPercentage", true));
    }

    #[test]
    fn what_is_not_said_stays() {
        let price = |json| update(json).unwrap().price(&d("100"));
        assert_eq!(price("{}"), d("150"));
        assert_eq!(price(r#"{"targetValue": 20}"#), d("120"), "a gain, as before");
        assert_eq!(price(r#"{"targetType": "exact_price"}"#), d("150"), "the price that it had");
        assert_eq!(price(r#"{"targetType": "exact_price", "targetValue": 20}"#), d("20"));
        assert!(update(r#"{"targetType": "exact_price", "targetValue": -20}"#).is_err());
    }
}
