//! What a forecast rests on: the holdings of its portfolio and the strategies that it applies. Loaded lazily.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Forecast, store};
use crate::auth::UserId;
use crate::id::{Id, Kind};
use crate::portfolios::holdings::{self, Holding};
use crate::portfolios::theoretical_strategies::{self, TheoreticalStrategy};
use crate::problem::Problem;
use crate::state::AppState;

/// `GET /portfolios/forecasts/{forecastId}/details`
#[derive(Debug, Serialize, JsonSchema)]
pub struct Details {
    holdings: Vec<Holding>,
    strategies: Vec<TheoreticalStrategy>,
}

/// `GET /portfolios/forecasts/{forecastId}/details`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Forecast>,
) -> Result<Json<Details>, Problem> {
    let pool = state.reads(&user);
    let forecast = store::find(pool, &user, &id).await?.ok_or(Problem::NotFound(Forecast::NAME))?;
    let portfolio = Id::new(&*forecast.portfolio_id).ok();
    let applied = super::AppliedStrategies::read(forecast.applied_strategies.as_raw().get()).strategies();
    let holdings = match portfolio {
        Some(portfolio) => holdings::list(pool, &user, Some(&portfolio)).await?,
        None => Vec::new(),
    };
    let mut strategies = theoretical_strategies::list(pool, &user).await?;
    strategies.retain(|strategy| applied.contains(&strategy.id));
    Ok(Json(Details { holdings, strategies }))
}
