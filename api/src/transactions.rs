//! Transactions: what a user bought, sold, moved and earned. Holdings follow from them.

pub mod batch;
mod excess;
mod ledger;
mod rebuild;
mod store;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use ledger::TransactionType;

use crate::auth::UserId;
use crate::cache::Document;
use crate::decimal::Decimal;
use crate::field::{Amount, Change, CmcId, Name, Notes, Symbol, Text};
use crate::id::{Id, Kind};
use crate::portfolios::{self, Portfolio};
use crate::problem::Problem;
use crate::request::{Body, Created, Kept, NoContent, Page, Query};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::tokens;
use crate::write::Write;

/// A transaction as the front end reads it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    pub(crate) id: String,
    user_id: String,
    symbol: String,
    name: String,
    cmc_id: i32,
    quantity: Decimal,
    amount_invested: Decimal,
    average_price: Decimal,
    r#type: String,
    #[serde(rename = "transactionDate")]
    date: Timestamp,
    notes: Option<String>,
    exchange_id: Option<String>,
    portfolio_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    portfolio: Option<PortfolioName>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Which portfolio a transaction is in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortfolioName {
    id: String,
    name: String,
    is_default: bool,
}

impl Kind for Transaction {
    const NAME: &'static str = "Transaction";
    const PARAMETER: &'static str = "transactionId";
}

/// `POST /transactions`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTransaction {
    symbol: Symbol,
    name: Name,
    cmc_id: CmcId,
    quantity: Amount,
    amount_invested: Amount,
    average_price: Amount,
    r#type: TransactionType,
    transaction_date: Timestamp,
    notes: Option<Notes>,
    exchange_id: Option<Name>,
    /// Where nothing is said, the user's default portfolio.
    portfolio_id: Option<Id<Portfolio>>,
}

/// `PATCH /transactions/{transactionId}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransactionUpdate {
    symbol: Option<Symbol>,
    name: Option<Name>,
    cmc_id: Option<CmcId>,
    quantity: Option<Amount>,
    amount_invested: Option<Amount>,
    average_price: Option<Amount>,
    r#type: Option<TransactionType>,
    transaction_date: Option<Timestamp>,
    #[serde(default)]
    notes: Change<Notes>,
    #[serde(default)]
    exchange_id: Change<Name>,
    portfolio_id: Option<Id<Portfolio>>,
}

/// Which transactions, and which page of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    symbol: Option<Text<0, 200>>,
    r#type: Option<TransactionType>,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    /// Which page, from 1.
    #[schemars(range(min = 1))]
    page: Option<i64>,
    /// Items a page, 20 where nothing is said, 100 at most.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
}

/// A page of transactions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    transactions: Vec<Transaction>,
    total: i64,
    page: i64,
    limit: i64,
}

impl Search {
    /// As it is kept. Of what a user may search for there is no end, so only pages of all are.
    fn document(&self) -> Option<Document> {
        let page = Page::new(self.page, self.limit);
        let is_of_all = self.symbol().is_none()
            && self.r#type.is_none()
            && self.start_date.is_none()
            && self.end_date.is_none();
        (is_of_all && page.is_usual()).then_some(Document::TransactionsPage(page))
    }

    async fn run(self, state: AppState, user: UserId) -> Result<Found, Problem> {
        let page = Page::new(self.page, self.limit);
        let (transactions, total) = store::search(state.reads(&user), &user, &self, page).await?;
        Ok(Found { transactions, total, page: page.number(), limit: page.limit() })
    }

    /// The symbol that is searched for; an empty one is none.
    fn symbol(&self) -> Option<&str> {
        self.symbol.as_ref().map(Text::as_str).filter(|symbol| !symbol.is_empty())
    }
}

/// `GET /transactions`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
    Query(search): Query<Search>,
) -> Result<Kept<Found>, Problem> {
    let document = search.document();
    let load = move |state, user| search.clone().run(state, user);
    state.kept_if(user, document, load).await
}

/// `GET /transactions/{transactionId}`
pub async fn show(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Transaction>,
) -> Result<Json<Transaction>, Problem> {
    store::find(state.reads(&user), &user, &id).await?.map(Json).ok_or(Problem::NotFound(Transaction::NAME))
}

/// `POST /transactions`
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    Body(new): Body<NewTransaction>,
) -> Result<Created<Transaction>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    let portfolio = match new.portfolio_id.clone() {
        Some(portfolio) => Some(portfolio),
        None => portfolios::first(&mut write, &user).await?,
    };
    let asked_for: BTreeSet<_> = portfolio.iter().cloned().collect();
    let owned = store::lock_portfolios(&mut write, &user, &asked_for).await?;
    if owned != asked_for {
        return Err(Problem::Forbidden("portfolio"));
    }
    let mut row = store::NewRow::new(&user, portfolio, new);
    row.symbol = tokens::ensure(&mut write, row.token()).await?;
    store::insert(&mut write, &[&row]).await?;
    rebuild::holdings(&mut write, &user, &[row.place()]).await?;
    write.commit().await?;
    let made = store::find(state.database.primary(), &user, &row.id).await?;
    made.map(Created).ok_or(Problem::NotFound(Transaction::NAME))
}

/// `PATCH /transactions/{transactionId}`: the holdings before and after are rebuilt.
pub async fn update(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Transaction>,
    Body(update): Body<TransactionUpdate>,
) -> Result<Json<Transaction>, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    let before = store::place(&mut write, &user, &id).await?;
    let before = before.ok_or(Problem::NotFound(Transaction::NAME))?;
    let asked_for: BTreeSet<_> = update.portfolio_id.iter().cloned().collect();
    let involved = asked_for.iter().chain(&before.portfolio).cloned().collect();
    let owned = store::lock_portfolios(&mut write, &user, &involved).await?;
    if !owned.is_superset(&asked_for) {
        return Err(Problem::Forbidden("portfolio"));
    }
    let after = store::update(&mut write, &user, &id, &update, before.clone()).await?;
    rebuild::holdings(&mut write, &user, &[before, after]).await?;
    write.commit().await?;
    let updated = store::find(state.database.primary(), &user, &id).await?;
    updated.map(Json).ok_or(Problem::NotFound(Transaction::NAME))
}

/// `DELETE /transactions/{transactionId}`: its holding is rebuilt.
pub async fn delete(
    State(state): State<AppState>,
    user: UserId,
    id: Id<Transaction>,
) -> Result<NoContent, Problem> {
    let mut write = Write::begin(&state, &user).await?;
    let before = store::place(&mut write, &user, &id).await?;
    let before = before.ok_or(Problem::NotFound(Transaction::NAME))?;
    store::lock_portfolios(&mut write, &user, &before.portfolio.iter().cloned().collect()).await?;
    store::delete(&mut write, &user, &id).await?;
    rebuild::holdings(&mut write, &user, &[before]).await?;
    write.commit().await?;
    Ok(NoContent)
}
