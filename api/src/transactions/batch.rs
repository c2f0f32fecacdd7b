//! `POST /transactions/batch`: an import. What can be imported is, in one database transaction; the rest is told
//! item by item, as the beta does.

use std::collections::BTreeSet;

use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NewTransaction;
use super::rebuild;
use super::store::{self, NewRow};
use crate::auth::UserId;
use crate::id::Id;
use crate::json::Stored;
use crate::portfolios::{self, Portfolio};
use crate::problem::Problem;
use crate::request::{Body, Created};
use crate::state::AppState;
use crate::write::Write;

/// Most transactions of an import.
const MAX_ITEMS: usize = 1000;

/// What is to be imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// At most 1,000.
    #[schemars(with = "Vec<NewTransaction>", length(max = 1000))]
    transactions: Vec<Stored>,
    /// Where transactions go that name no portfolio.
    default_portfolio_id: Option<Id<Portfolio>>,
}

/// What was imported, and what was not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    created: Vec<Item>,
    failed: Vec<Failure>,
    total: usize,
    success_count: usize,
    failed_count: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Item {
    id: String,
    symbol: String,
    name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Failure {
    /// Its place in the request, from 0.
    index: usize,
    transaction: Stored,
    error: String,
}

/// `POST /transactions/batch`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(import): Body<Import>,
) -> Result<Created<Imported>, Problem> {
    let total = import.transactions.len();
    if total > MAX_ITEMS {
        let reason = format!("holds {total} items; allowed are {MAX_ITEMS}");
        return Err(Problem::invalid("transactions", reason));
    }
    let (parsed, mut failed) = parse(import.transactions);
    let mut write = Write::begin(&state, &user).await?;
    let fallback = match import.default_portfolio_id {
        Some(portfolio) => Some(portfolio),
        None => portfolios::first(&mut write, &user).await?,
    };
    let place = |new: &NewTransaction| new.portfolio_id.clone().or_else(|| fallback.clone());
    let asked_for: BTreeSet<_> = parsed.iter().filter_map(|(_, new, _)| place(new)).collect();
    let owned = store::lock_portfolios(&mut write, &user, &asked_for).await?;
    let mut rows = Vec::new();
    for (index, new, original) in parsed {
        match place(&new) {
            Some(portfolio) if !owned.contains(&portfolio) => {
                let error = Problem::Forbidden("portfolio").to_string();
                failed.push(Failure { index, transaction: original, error });
            }
            portfolio => rows.push((NewRow::new(&user, portfolio, new), index, original)),
        }
    }
    let created = insert(&mut write, &user, rows, &mut failed).await?;
    write.commit().await?;
    failed.sort_by_key(|failure| failure.index);
    Ok(Created(Imported::new(created, failed)))
}

/// Inserts these transactions with their holdings, but those with which a holding would be too large.
async fn insert(
    write: &mut Write,
    user: &UserId,
    rows: Vec<(NewRow, usize, Stored)>,
    failed: &mut Vec<Failure>,
) -> Result<Vec<NewRow>, Problem> {
    let (mut rows, originals): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|(row, index, original)| (row, (index, original))).unzip();
    store::insert(write, &mut rows).await?;
    let left_out = rebuild::after_import(write, user, &rows).await?;
    store::take_back(write, user, &left_out).await?;
    let mut created = Vec::new();
    for (row, (index, transaction)) in rows.into_iter().zip(originals) {
        if left_out.contains(&row.id) {
            let error = format!("the holding of {} would be larger than can be kept", row.symbol);
            failed.push(Failure { index, transaction, error });
        } else {
            created.push(row);
        }
    }
    Ok(created)
}

/// The items that are transactions, with their places, and those that are not.
fn parse(items: Vec<Stored>) -> (Vec<(usize, NewTransaction, Stored)>, Vec<Failure>) {
    let (mut parsed, mut failed) = (Vec::new(), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        let mut json = serde_json::Deserializer::from_str(item.as_raw().get());
        match serde_path_to_error::deserialize::<_, NewTransaction>(&mut json) {
            Ok(new) => parsed.push((index, new, item)),
            Err(error) => failed.push(Failure { index, transaction: item, error: error.to_string() }),
        }
    }
    (parsed, failed)
}

impl Imported {
    fn new(rows: Vec<NewRow>, failed: Vec<Failure>) -> Self {
        Self {
            total: rows.len() + failed.len(),
            success_count: rows.len(),
            failed_count: failed.len(),
            created: rows.into_iter().map(Item::from).collect(),
            failed,
        }
    }
}

impl From<NewRow> for Item {
    fn from(row: NewRow) -> Self {
        Self { id: row.id.as_str().to_owned(), symbol: row.symbol, name: row.name.as_str().to_owned() }
    }
}
