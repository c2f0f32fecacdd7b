//! A user's strategies on their portfolios.

mod custom_rules;
mod store;
pub mod token_configs;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::list;

use super::{Portfolio, owns};
use crate::auth::UserId;
use crate::cache::Document;
use crate::field::{Change, Name, Notes};
use crate::id::{Id, Kind};
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// One line of the list of strategies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserStrategy {
    pub(crate) id: String,
    name: String,
    description: Option<String>,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    portfolio: PortfolioName,
    token_configs_count: i64,
}

/// Which portfolio a strategy is for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PortfolioName {
    id: String,
    name: String,
}

/// Where a strategy stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlanStatus {
    /// Not begun.
    #[default]
    Draft,
    /// Under way.
    Active,
    /// Interrupted.
    Paused,
    /// Done.
    Completed,
}

impl Kind for UserStrategy {
    const NAME: &'static str = "Strategy";
    const PARAMETER: &'static str = "strategyId";
}

/// `POST /portfolios/strategies`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewUserStrategy {
    portfolio_id: Id<Portfolio>,
    name: Name,
    description: Option<Notes>,
    #[serde(default)]
    status: PlanStatus,
}

/// `PUT /portfolios/strategies/{strategyId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserStrategyUpdate {
    name: Option<Name>,
    #[serde(default)]
    description: Change<Notes>,
    status: Option<PlanStatus>,
}

impl PlanStatus {
    /// As the database and the wire name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
        }
    }
}

/// `GET /portfolios/strategies`
pub async fn index(State(state): State<AppState>, user: UserId) -> Result<Kept<Vec<UserStrategy>>, Problem> {
    let load = async |state: AppState, user: UserId| Ok(list(state.reads(&user), &user).await?);
    state.kept_of(user, Document::Strategies, load).await
}

/// `GET /portfolios/strategies/{strategyId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<UserStrategy>,
) -> Result<Json<UserStrategy>, Problem> {
    store::find(state.reads(&user), &user, &id).await?.map(Json).ok_or(Problem::NotFound(UserStrategy::NAME))
}

/// `POST /portfolios/strategies`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewUserStrategy>,
) -> Result<Created<UserStrategy>, Problem> {
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    if !owns(&mut *write, &user, &new.portfolio_id).await? {
        return Err(Problem::Forbidden("portfolio"));
    }
    let id = Id::fresh();
    store::insert(&mut write, &user, &id, &new).await?;
    write.commit().await?;
    let pool = state.database.primary();
    store::find(pool, &user, &id).await?.map(Created).ok_or(Problem::NotFound(UserStrategy::NAME))
}

/// `PUT /portfolios/strategies/{strategyId}`
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<UserStrategy>,
    Body(update): Body<UserStrategyUpdate>,
) -> Result<Json<UserStrategy>, Problem> {
    let pool = state.database.primary();
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    if !store::update(&mut write, &user, &id, &update).await? {
        return Err(Problem::NotFound(UserStrategy::NAME));
    }
    write.commit().await?;
    store::find(pool, &user, &id).await?.map(Json).ok_or(Problem::NotFound(UserStrategy::NAME))
}

/// `DELETE /portfolios/strategies/{strategyId}`
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<UserStrategy>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    if !store::delete(&mut write, &user, &id).await? {
        return Err(Problem::NotFound(UserStrategy::NAME));
    }
    write.commit().await?;
    Ok(NoContent)
}
