//! What a strategy would bring if every step were reached.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Step, Strategy, store};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::id::{Id, Kind};
use crate::problem::Problem;
use crate::state::AppState;

/// `GET /strategies/{strategyId}/summary`
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    total_steps: usize,
    /// Those that are not done.
    active_steps: usize,
    completed_steps: usize,
    total_tokens_to_sell: Decimal,
    /// The quantity less all that is sold.
    remaining_tokens: Decimal,
    /// Sum of what is sold times the target's price over the reference price.
    estimated_total_profit: Decimal,
}

/// `GET /strategies/{strategyId}/summary`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Strategy>,
) -> Result<Json<Summary>, Problem> {
    let strategy =
        store::find(state.reads(&user), &user, &id).await?.ok_or(Problem::NotFound(Strategy::NAME))?;
    Ok(Json(Summary::new(&strategy.base_quantity, &strategy.reference_price, &strategy.steps)))
}

impl Summary {
    fn new(base_quantity: &Decimal, reference_price: &Decimal, steps: &[Step]) -> Self {
        let sold: Decimal = steps.iter().map(|step| &step.sell_quantity).sum();
        let profit =
            steps.iter().map(|step| &step.sell_quantity * &(&step.target_price - reference_price)).sum();
        let completed_steps = steps.iter().filter(|step| step.state == "done").count();
        Self {
            total_steps: steps.len(),
            active_steps: steps.len() - completed_steps,
            completed_steps,
            remaining_tokens: base_quantity - &sold,
            total_tokens_to_sell: sold,
            estimated_total_profit: profit,
        }
    }
}
