//! Holdings: so much of a token in a portfolio, with its value and its profit or loss.

pub mod batch;
mod store;
mod valuation;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::{forget, list};
pub use valuation::Valuation;

use super::{Portfolio, owns};
use crate::auth::UserId;
use crate::cache::Document;
use crate::decimal::Decimal;
use crate::field::Amount;
use crate::id::{Id, Kind};
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::tokens::TokenName;
use crate::write::Write;

/// A holding as the front end reads it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// Which portfolio it is in; the dashboard tells, the portfolio's own list need not.
    #[serde(skip)]
    pub portfolio_id: String,
    pub(crate) id: String,
    pub(crate) quantity: Decimal,
    pub(crate) invested_amount: Decimal,
    pub(crate) average_price: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current_price: Option<Decimal>,
    last_updated: Timestamp,
    pub(crate) token: TokenName,
    /// What it is worth.
    #[serde(flatten)]
    pub valuation: Valuation,
}

impl Kind for Holding {
    const NAME: &'static str = "Holding";
    const PARAMETER: &'static str = "holdingId";
}

/// `POST /portfolios/{portfolioId}/holdings`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewHolding {
    token_id: Id<TokenName>,
    quantity: Amount,
    invested_amount: Amount,
    average_price: Amount,
    current_price: Option<Amount>,
}

/// `PUT /portfolios/{portfolioId}/holdings/{holdingId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldingUpdate {
    quantity: Option<Amount>,
    invested_amount: Option<Amount>,
    average_price: Option<Amount>,
    current_price: Option<Amount>,
}

/// `GET /portfolios/{portfolioId}/holdings`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
    portfolio: Id<Portfolio>,
) -> Result<Kept<Vec<Holding>>, Problem> {
    let document = Document::Holdings(portfolio.clone());
    state.kept_of(user, document, move |state, user| in_portfolio(state, user, portfolio.clone())).await
}

async fn in_portfolio(
    state: AppState,
    user: UserId,
    portfolio: Id<Portfolio>,
) -> Result<Vec<Holding>, Problem> {
    let pool = state.reads(&user);
    let holdings = list(pool, &user, Some(&portfolio)).await?;
    // Holdings prove that the portfolio is the user's; only without any must that be asked.
    if holdings.is_empty() && !owns(pool, &user, &portfolio).await? {
        return Err(Problem::NotFound(Portfolio::NAME));
    }
    Ok(holdings)
}

/// `POST /portfolios/{portfolioId}/holdings`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    portfolio: Id<Portfolio>,
    Body(new): Body<NewHolding>,
) -> Result<Created<Holding>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !owns(&mut *write, &user, &portfolio).await? {
        return Err(Problem::NotFound(Portfolio::NAME));
    }
    if !store::token_exists(&mut write, &new.token_id).await? {
        return Err(Problem::invalid("tokenId", "names no token"));
    }
    let id = Id::fresh();
    if !store::insert(&mut write, &portfolio, &id, &new).await? {
        return Err(Problem::Conflict("The portfolio has a holding of this token already"));
    }
    write.commit().await?;
    let made = store::find(state.database.primary(), &user, &portfolio, &id).await?;
    made.map(Created).ok_or(Problem::NotFound(Holding::NAME))
}

/// `PUT /portfolios/{portfolioId}/holdings/{holdingId}`
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    portfolio: Id<Portfolio>,
    id: Id<Holding>,
    Body(update): Body<HoldingUpdate>,
) -> Result<Json<Holding>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::update(&mut write, &user, &portfolio, &id, &update).await? {
        return Err(Problem::NotFound(Holding::NAME));
    }
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &portfolio, &id).await?;
    updated.map(Json).ok_or(Problem::NotFound(Holding::NAME))
}

/// `DELETE /portfolios/{portfolioId}/holdings/{holdingId}`: forecasts no longer count it.
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    portfolio: Id<Portfolio>,
    id: Id<Holding>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    if !store::owns(&mut write, &user, &portfolio, &id).await? {
        return Err(Problem::NotFound(Holding::NAME));
    }
    forget(&mut write, &user, &[id.as_str().to_owned()]).await?;
    write.commit().await?;
    Ok(NoContent)
}
