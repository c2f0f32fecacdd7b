//! `GET /dashboard`: everything the first screen shows, in one call.
//!
//! It replaces a chain of calls that each waited for the one before. The four lists are read at the same time, one
//! query each; each is consistent in itself, and a write between two of them shows at the next load.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

use crate::auth::UserId;
use crate::cache::Document;
use crate::decimal::Decimal;
use crate::portfolios::forecasts::Forecast;
use crate::portfolios::holdings::{Holding, Valuation};
use crate::portfolios::strategies::UserStrategy;
use crate::portfolios::{self, Portfolio, forecasts, holdings, strategies};
use crate::problem::Problem;
use crate::request::Kept;
use crate::state::AppState;

/// The first screen.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    totals: Totals,
    portfolios: Vec<Portfolio>,
    holdings: Vec<PortfolioHolding>,
    strategies: Vec<UserStrategy>,
    forecasts: Vec<Forecast>,
}

/// All holdings together.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Totals {
    invested_amount: Decimal,
    #[serde(flatten)]
    valuation: Valuation,
}

/// A holding among those of all portfolios, so it says which is its own.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PortfolioHolding {
    portfolio_id: String,
    #[serde(flatten)]
    holding: Holding,
}

/// `GET /dashboard`
pub async fn get(State(state): State<AppState>, user: UserId) -> Result<Kept<Dashboard>, Problem> {
    let load = async |state: AppState, user: UserId| Ok(Dashboard::load(state.reads(&user), &user).await?);
    state.kept_of(user, Document::Dashboard, load).await
}

impl Dashboard {
    /// Reads the user's lists at the same time and adds up the holdings.
    pub async fn load(pool: &PgPool, user: &UserId) -> sqlx::Result<Self> {
        let (portfolios, holdings, strategies, forecasts) = tokio::try_join!(
            portfolios::list(pool, user),
            holdings::list(pool, user, None),
            strategies::list(pool, user),
            forecasts::list(pool, user),
        )?;
        let (valuation, invested_amount) = Valuation::of_all(&holdings);
        Ok(Self {
            totals: Totals { invested_amount, valuation },
            portfolios,
            holdings: holdings.into_iter().map(PortfolioHolding::from).collect(),
            strategies,
            forecasts,
        })
    }
}

impl From<Holding> for PortfolioHolding {
    fn from(mut holding: Holding) -> Self {
        Self { portfolio_id: std::mem::take(&mut holding.portfolio_id), holding }
    }
}
