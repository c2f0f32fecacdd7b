//! `GET /dashboard`: everything the first screen shows, in one call.
//!
//! It replaces a chain of calls that each waited for the one before. The four lists are read at the same time, one
//! query each; each is consistent in itself, and a write between two of them shows at the next load.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

use crate::auth::UserId;
use crate::cache::{Key, Lookup};
use crate::decimal::Decimal;
use crate::portfolios::forecasts::Forecast;
use crate::portfolios::holdings::{Holding, Valuation};
use crate::portfolios::strategies::UserStrategy;
use crate::portfolios::{self, Portfolio, forecasts, holdings, strategies};
use crate::problem::Problem;
use crate::request::Kept;
use crate::state::AppState;

/// RFC 9211; tells operators and tests what the shared cache did.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

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
    let key = Key::dashboard(&user);
    let found = state.cache.get(&key).await;
    let status = HeaderValue::from_static(found.status());
    let document = match found {
        Lookup::Hit(document) => document,
        Lookup::Miss | Lookup::Bypass => {
            let document = serde_json::to_string(&Dashboard::load(state.reads(&user), &user).await?)?;
            state.cache.put(&key, &document).await;
            document
        }
    };
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (CACHE_STATUS, status)];
    Ok(Kept::new((headers, document).into_response()))
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
