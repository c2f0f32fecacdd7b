//! A user's portfolios, and what hangs on them.

pub mod forecasts;
pub mod holdings;
mod store;
pub mod strategies;
pub mod templates;
pub mod theoretical_strategies;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::{first, list, owns};

use crate::auth::UserId;
use crate::cache::Document;
use crate::field::{Change, Name, Notes};
use crate::id::{Id, Kind};
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// One line of the list of portfolios.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Portfolio {
    pub(crate) id: String,
    name: String,
    description: Option<String>,
    is_default: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    holdings_count: i64,
}

impl Kind for Portfolio {
    const NAME: &'static str = "Portfolio";
    const PARAMETER: &'static str = "portfolioId";
}

/// `POST /portfolios`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewPortfolio {
    name: Name,
    description: Option<Notes>,
    /// The one before is no longer the default. A user's first portfolio is it in any case.
    #[serde(default)]
    is_default: bool,
}

/// `PUT /portfolios/{portfolioId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioUpdate {
    name: Option<Name>,
    #[serde(default)]
    description: Change<Notes>,
    /// `true` makes it the default, and the one before no longer; `false` is refused for the default itself.
    is_default: Option<bool>,
}

/// `GET /portfolios`
pub async fn index(State(state): State<AppState>, user: UserId) -> Result<Kept<Vec<Portfolio>>, Problem> {
    let load = async |state: AppState, user: UserId| Ok(list(state.reads(&user), &user).await?);
    state.kept_of(user, Document::Portfolios, load).await
}

/// `GET /portfolios/{portfolioId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Portfolio>,
) -> Result<Json<Portfolio>, Problem> {
    let found = store::find(state.reads(&user), &user, &id).await?;
    found.map(Json).ok_or(Problem::NotFound(Portfolio::NAME))
}

/// `POST /portfolios`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewPortfolio>,
) -> Result<Created<Portfolio>, Problem> {
    let id = Id::fresh();
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    store::insert(&mut write, &user, &id, &new).await?;
    if new.is_default {
        store::make_default(&mut write, &user, &id).await?;
    }
    write.commit().await?;
    let made = store::find(state.database.primary(), &user, &id).await?;
    made.map(Created).ok_or(Problem::NotFound(Portfolio::NAME))
}

/// `PUT /portfolios/{portfolioId}`
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Portfolio>,
    Body(update): Body<PortfolioUpdate>,
) -> Result<Json<Portfolio>, Problem> {
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    if !store::update(&mut write, &user, &id, &update).await? {
        return Err(Problem::NotFound(Portfolio::NAME));
    }
    match update.is_default {
        Some(true) => store::make_default(&mut write, &user, &id).await?,
        Some(false) if store::is_default(&mut write, &id).await? => {
            return Err(Problem::invalid(
                "isDefault",
                "is true; it ends when another portfolio is made the default",
            ));
        }
        Some(false) | None => {}
    }
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &id).await?;
    updated.map(Json).ok_or(Problem::NotFound(Portfolio::NAME))
}

/// `DELETE /portfolios/{portfolioId}`: its holdings, strategies and forecasts go with it; its transactions stay. Where
/// it was the default the newest of the others is now.
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Portfolio>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::delete(&mut write, &user, &id).await? {
        return Err(Problem::NotFound(Portfolio::NAME));
    }
    if let Some(first) = store::first(&mut write, &user).await? {
        store::make_default(&mut write, &user, &first).await?;
    }
    write.commit().await?;
    Ok(NoContent)
}
