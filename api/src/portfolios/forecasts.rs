//! A user's forecasts: what a portfolio would bring if its strategies ran. The summaries are ours, computed ahead of
//! time; what a client sends of them is ignored.

mod applied;
pub mod details;
pub mod due;
mod projection;
pub mod refresh;
mod store;
mod summary;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use applied::AppliedStrategies;
pub use store::{forget_strategy, list};
pub use summary::Summary;

use super::{Portfolio, owns};
use crate::auth::UserId;
use crate::cache::Document;
use crate::field::{Change, Name, Notes};
use crate::id::{Id, Kind};
use crate::json::Stored;
use crate::problem::Problem;
use crate::request::{Body, Counted, Created, Listing, NoContent, Query, Window};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// One line of the list of forecasts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    pub(crate) id: String,
    name: String,
    portfolio_id: String,
    /// Empty where the portfolio is gone or is not the user's.
    portfolio_name: String,
    created_at: Timestamp,
    summary: Summary,
    /// Strategy by holding, `"none"` where there is none; handed on as stored.
    applied_strategies: Stored,
    notes: Option<String>,
}

impl Kind for Forecast {
    const NAME: &'static str = "Forecast";
    const PARAMETER: &'static str = "forecastId";
}

/// `POST /portfolios/forecasts`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewForecast {
    portfolio_id: Id<Portfolio>,
    name: Name,
    applied_strategies: AppliedStrategies,
    notes: Option<Notes>,
}

/// `PUT /portfolios/forecasts/{forecastId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForecastUpdate {
    portfolio_id: Option<Id<Portfolio>>,
    name: Option<Name>,
    applied_strategies: Option<AppliedStrategies>,
    #[serde(default)]
    notes: Change<Notes>,
}

/// `GET /portfolios/forecasts`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
    Query(window): Query<Window>,
) -> Result<Listing<Forecast>, Problem> {
    let Some(page) = window.page() else {
        let load = async |state: AppState, user: UserId| Ok(list(state.reads(&user), &user).await?);
        return state.kept_of(user, Document::Forecasts, load).await.map(Listing::whole);
    };
    let load = move |state: AppState, user: UserId| async move {
        let pool = state.reads(&user);
        let (items, total) = tokio::try_join!(store::page(pool, &user, page), store::count(pool, &user))?;
        Ok(Counted { total, items })
    };
    let document = page.is_usual().then_some(Document::ForecastsPage(page));
    Listing::page(state.kept_if(user, document, load).await?, page, "/portfolios/forecasts")
}

/// `GET /portfolios/forecasts/{forecastId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Forecast>,
) -> Result<Json<Forecast>, Problem> {
    store::find(state.reads(&user), &user, &id).await?.map(Json).ok_or(Problem::NotFound(Forecast::NAME))
}

/// `POST /portfolios/forecasts`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewForecast>,
) -> Result<Created<Forecast>, Problem> {
    let id = Id::fresh();
    // What is checked within the write is so until it ends: whatever would delete it waits.
    let mut write = Write::begin(&state, &user).await?;
    if !owns(&mut *write, &user, &new.portfolio_id).await? {
        return Err(Problem::Forbidden("portfolio"));
    }
    applied::check(&mut write, &user, &new.portfolio_id, &new.applied_strategies).await?;
    store::insert(&mut write, &user, &id, &new).await?;
    refresh::users(&mut write, &[user.as_str().to_owned()]).await?;
    write.commit().await?;
    let made = store::find(state.database.primary(), &user, &id).await?;
    made.map(Created).ok_or(Problem::NotFound(Forecast::NAME))
}

/// `PUT /portfolios/forecasts/{forecastId}`: one that moves to another portfolio applies nothing there unless told.
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Forecast>,
    Body(mut update): Body<ForecastUpdate>,
) -> Result<Json<Forecast>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    let stored = store::portfolio_of(&mut write, &user, &id).await?;
    let stored = stored.ok_or(Problem::NotFound(Forecast::NAME))?;
    let portfolio = update.portfolio_id.clone().unwrap_or_else(|| stored.clone());
    if update.portfolio_id.is_some() && !owns(&mut *write, &user, &portfolio).await? {
        return Err(Problem::Forbidden("portfolio"));
    }
    if portfolio != stored {
        update.applied_strategies.get_or_insert_default();
    }
    if let Some(applied) = &update.applied_strategies {
        applied::check(&mut write, &user, &portfolio, applied).await?;
    }
    store::update(&mut write, &user, &id, &update).await?;
    refresh::users(&mut write, &[user.as_str().to_owned()]).await?;
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &id).await?;
    updated.map(Json).ok_or(Problem::NotFound(Forecast::NAME))
}

/// `DELETE /portfolios/forecasts/{forecastId}`
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Forecast>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    if !store::delete(&mut write, &user, &id).await? {
        return Err(Problem::NotFound(Forecast::NAME));
    }
    write.commit().await?;
    Ok(NoContent)
}
