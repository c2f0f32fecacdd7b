//! Theoretical strategies: what selling a token at some targets would bring, without a portfolio behind it.

mod store;
mod targets;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::list;
pub use targets::{ProfitTarget, ProfitTargets, TargetType};

use super::strategies::PlanStatus;
use crate::auth::UserId;
use crate::cache::Document;
use crate::decimal::Decimal;
use crate::field::{Amount, Change, Name, Notes};
use crate::id::{Id, Kind};
use crate::json::Stored;
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// A theoretical strategy, with what it would bring.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TheoreticalStrategy {
    pub(crate) id: String,
    user_id: String,
    name: String,
    description: Option<String>,
    token_symbol: String,
    token_name: String,
    quantity: Decimal,
    average_price: Decimal,
    profit_targets: Stored,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Quantity times average price.
    total_invested: Decimal,
    /// Sum of what is sold times the target's price over the average price.
    expected_profit: Decimal,
    /// Profit in per cent of what was invested.
    return_percentage: Decimal,
    number_of_targets: usize,
}

impl Kind for TheoreticalStrategy {
    const NAME: &'static str = "Theoretical strategy";
    const PARAMETER: &'static str = "strategyId";
}

/// `POST /portfolios/theoretical-strategies`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTheoreticalStrategy {
    name: Name,
    description: Option<Notes>,
    token_symbol: Name,
    token_name: Name,
    quantity: Amount,
    average_price: Amount,
    profit_targets: ProfitTargets,
    status: Option<PlanStatus>,
}

/// `PUT /portfolios/theoretical-strategies/{strategyId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TheoreticalStrategyUpdate {
    name: Option<Name>,
    #[serde(default)]
    description: Change<Notes>,
    quantity: Option<Amount>,
    average_price: Option<Amount>,
    profit_targets: Option<ProfitTargets>,
    status: Option<PlanStatus>,
}

/// `GET /portfolios/theoretical-strategies`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
) -> Result<Kept<Vec<TheoreticalStrategy>>, Problem> {
    let load = async |state: AppState, user: UserId| Ok(list(state.reads(&user), &user).await?);
    state.kept_of(user, Document::TheoreticalStrategies, load).await
}

/// `GET /portfolios/theoretical-strategies/{strategyId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<TheoreticalStrategy>,
) -> Result<Json<TheoreticalStrategy>, Problem> {
    let found = store::find(state.reads(&user), &user, &id).await?;
    found.map(Json).ok_or(Problem::NotFound(TheoreticalStrategy::NAME))
}

/// `POST /portfolios/theoretical-strategies`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewTheoreticalStrategy>,
) -> Result<Created<TheoreticalStrategy>, Problem> {
    let pool = state.database.primary();
    let id = Id::fresh();
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    store::insert(&mut write, &user, &id, &new).await?;
    write.commit().await?;
    store::find(pool, &user, &id).await?.map(Created).ok_or(Problem::NotFound(TheoreticalStrategy::NAME))
}

/// `PUT /portfolios/theoretical-strategies/{strategyId}`
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<TheoreticalStrategy>,
    Body(update): Body<TheoreticalStrategyUpdate>,
) -> Result<Json<TheoreticalStrategy>, Problem> {
    let pool = state.database.primary();
    let mut write = Write::begin(&state, &user).await?;
    if !store::update(&mut write, &user, &id, &update).await? {
        return Err(Problem::NotFound(TheoreticalStrategy::NAME));
    }
    write.commit().await?;
    store::find(pool, &user, &id).await?.map(Json).ok_or(Problem::NotFound(TheoreticalStrategy::NAME))
}

/// `DELETE /portfolios/theoretical-strategies/{strategyId}`: forecasts that apply it count its holdings as kept.
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<TheoreticalStrategy>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::delete(&mut write, &user, &id).await? {
        return Err(Problem::NotFound(TheoreticalStrategy::NAME));
    }
    super::forecasts::forget_strategy(&mut write, &user, id.as_str()).await?;
    write.commit().await?;
    Ok(NoContent)
}
