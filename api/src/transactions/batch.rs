//! `POST /transactions/batch`: an import. What can be imported is, in one database transaction; the rest is told
//! item by item, as the beta does.

mod attempt;

use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::attempt::Attempt;
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
use crate::tokens;
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
    let mut attempt = Attempt::parse(&user, import.transactions);
    let mut write = Write::begin(&state, &user).await?;
    let portfolio = match import.default_portfolio_id {
        Some(portfolio) => Some(portfolio),
        None => portfolios::first(&mut write, &user).await?,
    };
    attempt.place(portfolio.as_ref());
    leave_out_what_is_not_theirs(&mut write, &user, &mut attempt).await?;
    name_tokens(&mut write, &mut attempt).await?;
    insert(&mut write, &user, &mut attempt).await?;
    write.commit().await?;
    Ok(Created(attempt.outcome()))
}

/// The portfolios that are theirs are locked.
async fn leave_out_what_is_not_theirs(
    write: &mut Write,
    user: &UserId,
    attempt: &mut Attempt,
) -> sqlx::Result<()> {
    let owned = store::lock_portfolios(write, user, &attempt.portfolios()).await?;
    attempt.leave_out(|row| {
        let is_foreign = row.portfolio_id.as_ref().is_some_and(|portfolio| !owned.contains(portfolio));
        is_foreign.then(|| Problem::Forbidden("portfolio").to_string())
    });
    Ok(())
}

/// Inserts the tokens that are absent. Of those that would be too many the transactions are left out.
async fn name_tokens(write: &mut Write, attempt: &mut Attempt) -> sqlx::Result<()> {
    let spellings = tokens::ensure_all(write, &attempt.tokens()).await?;
    let too_many = || write.too_many_new_tokens().to_string();
    attempt.leave_out(|row| spellings.of(&row.symbol).is_none().then(too_many));
    attempt.spell(&spellings);
    Ok(())
}

/// Inserts the transactions with their holdings, but those with which a holding would be too large.
async fn insert(write: &mut Write, user: &UserId, attempt: &mut Attempt) -> sqlx::Result<()> {
    let rows = attempt.rows();
    store::insert(write, &rows).await?;
    let left_out = rebuild::after_import(write, user, &rows).await?;
    store::take_back(write, user, &left_out).await?;
    attempt.leave_out(|row| {
        let reason = || format!("the holding of {} would be larger than can be kept", row.symbol);
        left_out.contains(&row.id).then(reason)
    });
    Ok(())
}

impl From<NewRow> for Item {
    fn from(row: NewRow) -> Self {
        Self { id: row.id.as_str().to_owned(), symbol: row.symbol, name: row.name.as_str().to_owned() }
    }
}
