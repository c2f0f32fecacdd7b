//! The table `Transaction`. Its type may be text or an enum, as `UserStrategy`'s status.

mod reads;

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

pub(super) use reads::{find, search};

use super::rebuild::Place;
use super::{NewTransaction, Transaction, TransactionType, TransactionUpdate};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Amount, CmcId, Name, Notes};
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::problem::Problem;
use crate::timestamp::Timestamp;
use crate::tokens::{self, NewToken};
use crate::write::Write;

/// A row to insert: the fields are the columns, by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRow {
    pub(super) id: Id<Transaction>,
    user_id: String,
    /// As the token writes it, once that is there.
    pub(super) symbol: String,
    pub(super) name: Name,
    cmc_id: CmcId,
    quantity: Amount,
    amount_invested: Amount,
    average_price: Amount,
    r#type: TransactionType,
    transaction_date: Timestamp,
    notes: Option<Notes>,
    exchange_id: Option<Name>,
    pub(super) portfolio_id: Option<Id<Portfolio>>,
}

impl NewRow {
    pub(super) fn new(user: &UserId, portfolio_id: Option<Id<Portfolio>>, new: NewTransaction) -> Self {
        Self {
            id: Id::fresh(),
            user_id: user.as_str().to_owned(),
            symbol: new.symbol.as_str().to_owned(),
            name: new.name,
            cmc_id: new.cmc_id,
            quantity: new.quantity,
            amount_invested: new.amount_invested,
            average_price: new.average_price,
            r#type: new.r#type,
            transaction_date: new.transaction_date,
            notes: new.notes,
            exchange_id: new.exchange_id,
            portfolio_id,
        }
    }

    pub(super) fn token(&self) -> NewToken<'_> {
        NewToken { symbol: &self.symbol, name: self.name.as_str(), cmc_id: Some(self.cmc_id) }
    }

    pub(super) fn place(&self) -> Place {
        Place { portfolio: self.portfolio_id.clone(), symbol: self.symbol.clone() }
    }
}

/// Inserts transactions, whose tokens are there.
pub(super) async fn insert(connection: &mut PgConnection, rows: &[&NewRow]) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "Transaction" (id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice",
                                   type, "transactionDate", notes, "exchangeId", "portfolioId", "updatedAt")
        SELECT id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice",
               type, "transactionDate", notes, "exchangeId", "portfolioId", now() AT TIME ZONE 'UTC'
        FROM jsonb_populate_recordset(NULL::"Transaction", $1)
        "#,
        Json(rows) as Json<&[&NewRow]>
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes transactions of the user's that were just inserted, and whose holdings the caller sees to.
pub(super) async fn take_back(
    connection: &mut PgConnection,
    user: &UserId,
    ids: &BTreeSet<Id<Transaction>>,
) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    sqlx::query!(r#"DELETE FROM "Transaction" WHERE "userId" = $1 AND id = ANY($2)"#, user.as_str(), &ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// Locks these portfolios until the transaction ends, so that of two rebuilds at once the second sees what the first
/// wrote; those of them that are the user's.
pub(super) async fn lock_portfolios(
    connection: &mut PgConnection,
    user: &UserId,
    ids: &BTreeSet<Id<Portfolio>>,
) -> sqlx::Result<BTreeSet<Id<Portfolio>>> {
    let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let owned = sqlx::query_scalar!(
        r#"SELECT id FROM "Portfolio" WHERE "userId" = $1 AND id = ANY($2) ORDER BY id FOR UPDATE"#,
        user.as_str(),
        &ids
    )
    .fetch_all(connection)
    .await?;
    Ok(owned.into_iter().filter_map(|id| Id::new(id).ok()).collect())
}

/// Which holding a transaction of the user belongs to.
pub(super) async fn place(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Transaction>,
) -> sqlx::Result<Option<Place>> {
    let row = sqlx::query!(
        r#"SELECT "portfolioId" AS portfolio_id, symbol FROM "Transaction" WHERE id = $2 AND "userId" = $1 FOR UPDATE"#,
        user.as_str(),
        id.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row
        .map(|row| Place { portfolio: row.portfolio_id.and_then(|id| Id::new(id).ok()), symbol: row.symbol }))
}

/// Where the transaction belongs afterwards.
pub(super) async fn update(
    write: &mut Write,
    user: &UserId,
    id: &Id<Transaction>,
    update: &TransactionUpdate,
    before: Place,
) -> Result<Place, Problem> {
    let symbol = match &update.symbol {
        Some(symbol) => {
            let name = update.name.as_ref().map_or(symbol.as_str(), Name::as_str);
            let token = NewToken { symbol: symbol.as_str(), name, cmc_id: update.cmc_id };
            tokens::ensure(write, token).await?
        }
        None => before.symbol,
    };
    sqlx::query!(
        r#"
        UPDATE "Transaction" t SET
            symbol = $3,
            name = coalesce($4, t.name),
            "cmcId" = coalesce($5, t."cmcId"),
            quantity = coalesce($6, t.quantity),
            "amountInvested" = coalesce($7, t."amountInvested"),
            "averagePrice" = coalesce($8, t."averagePrice"),
            type = coalesce((jsonb_populate_record(NULL::"Transaction", jsonb_build_object('type', $9::text))).type, t.type),
            "transactionDate" = coalesce($10, t."transactionDate"),
            notes = CASE WHEN $11 THEN $12 ELSE t.notes END,
            "exchangeId" = CASE WHEN $13 THEN $14 ELSE t."exchangeId" END,
            "portfolioId" = coalesce($15, t."portfolioId"),
            "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE t.id = $2 AND t."userId" = $1
        "#,
        user.as_str(),
        id.as_str(),
        symbol,
        update.name.as_ref().map(Name::as_str),
        update.cmc_id.map(CmcId::get),
        update.quantity.as_ref().map(Amount::get) as Option<&Decimal>,
        update.amount_invested.as_ref().map(Amount::get) as Option<&Decimal>,
        update.average_price.as_ref().map(Amount::get) as Option<&Decimal>,
        update.r#type.map(TransactionType::as_str),
        update.transaction_date as Option<Timestamp>,
        update.notes.is_made(),
        update.notes.value().map(Notes::as_str),
        update.exchange_id.is_made(),
        update.exchange_id.value().map(Name::as_str),
        update.portfolio_id.as_ref().map(Id::as_str)
    )
    .execute(&mut **write)
    .await?;
    Ok(Place { portfolio: update.portfolio_id.clone().or(before.portfolio), symbol })
}

pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Transaction>,
) -> sqlx::Result<()> {
    sqlx::query!(r#"DELETE FROM "Transaction" WHERE id = $2 AND "userId" = $1"#, user.as_str(), id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
