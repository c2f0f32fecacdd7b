//! `POST /portfolios/holdings/batch`: the holdings of several portfolios in one call and one query.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Holding, list};
use crate::auth::UserId;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::problem::Problem;
use crate::request::Body;
use crate::state::AppState;

/// Which portfolios; all of the user's where nothing is said.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    portfolio_ids: Option<Vec<Id<Portfolio>>>,
}

/// Holdings by portfolio. A portfolio that is not the user's has none.
pub type ByPortfolio = BTreeMap<String, Vec<Holding>>;

/// `POST /portfolios/holdings/batch`
pub async fn read(
    State(state): State<AppState>,
    user: UserId,
    Body(selection): Body<Selection>,
) -> Result<Json<ByPortfolio>, Problem> {
    let holdings = list(state.reads(&user), &user, None).await?;
    Ok(Json(group(holdings, selection.portfolio_ids)))
}

fn group(holdings: Vec<Holding>, asked_for: Option<Vec<Id<Portfolio>>>) -> ByPortfolio {
    let is_whole = asked_for.is_none();
    let asked_for = asked_for.into_iter().flatten();
    let mut grouped: ByPortfolio = asked_for.map(|id| (id.as_str().to_owned(), Vec::new())).collect();
    for holding in holdings {
        let place = holding.portfolio_id.clone();
        if is_whole {
            grouped.entry(place).or_default().push(holding);
        } else if let Some(holdings) = grouped.get_mut(&place) {
            holdings.push(holding);
        }
    }
    grouped
}
