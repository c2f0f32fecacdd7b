//! `POST /portfolios/holdings/batch`: the holdings of several portfolios in one call and one query.
//!
//! What is kept is always all of the user's, and who asks for some gets their part of it: a document for each choice
//! of portfolios would be as many as there are choices, and to put the answer together of what `GET
//! /portfolios/{portfolioId}/holdings` keeps would, of a user's first load, make as many queries as portfolios.

use std::collections::BTreeMap;

use axum::extract::State;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Holding, list};
use crate::auth::UserId;
use crate::cache::Document;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::problem::Problem;
use crate::request::{Body, Kept};
use crate::state::AppState;

/// Which portfolios; all of the user's where nothing is said.
#[derive(Debug, Deserialize, JsonSchema)]
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
    selection: Option<Body<Selection>>,
) -> Result<Kept<ByPortfolio>, Problem> {
    let load = async |state: AppState, user: UserId| Ok(group(list(state.reads(&user), &user, None).await?));
    let all = state.kept_of(user, Document::HoldingsByPortfolio, load).await?;
    match selection.and_then(|Body(selection)| selection.portfolio_ids) {
        Some(asked_for) => all.untagged().map(|json| part(json, &asked_for)),
        None => Ok(all),
    }
}

fn group(holdings: Vec<Holding>) -> ByPortfolio {
    let mut grouped = ByPortfolio::new();
    for holding in holdings {
        grouped.entry(holding.portfolio_id.clone()).or_default().push(holding);
    }
    grouped
}

/// Of holdings by portfolio, written out, those of some; a portfolio without any has an empty list.
fn part(all: &[u8], asked_for: &[Id<Portfolio>]) -> serde_json::Result<Bytes> {
    let all: BTreeMap<String, &RawValue> = serde_json::from_slice(all)?;
    let none = serde_json::value::to_raw_value::<[(); 0]>(&[])?;
    let part = asked_for.iter().map(|id| (id.as_str(), all.get(id.as_str()).copied().unwrap_or(&none)));
    serde_json::to_vec(&part.collect::<BTreeMap<_, _>>()).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_as_exact_as_the_whole() {
        let all = br#"{"a":[{"n":0.10000000000000000001}],"b":[1],"c":[]}"#;
        let asked_for = ["z", "a", "a"].map(|id| Id::new(id).unwrap());
        let part = part(all, &asked_for).unwrap();
        assert_eq!(part, r#"{"a":[{"n":0.10000000000000000001}],"z":[]}"#);
    }
}
