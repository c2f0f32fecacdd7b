//! How transactions are found.

use sqlx::PgPool;

use super::super::{PortfolioName, Search, Transaction, TransactionType};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::id::Id;
use crate::request::Page;
use crate::timestamp::Timestamp;

/// How many transactions a search finds.
async fn count(pool: &PgPool, user: &UserId, search: &Search) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "total!" FROM "Transaction"
        WHERE "userId" = $1 AND ($2::text IS NULL OR upper(symbol) = upper($2)) AND ($3::text IS NULL OR type::text = $3)
          AND ($4::timestamp IS NULL OR "transactionDate" >= $4) AND ($5::timestamp IS NULL OR "transactionDate" <= $5)
        "#,
        user.as_str(),
        search.symbol(),
        search.r#type.map(TransactionType::as_str),
        search.start_date as Option<Timestamp>,
        search.end_date as Option<Timestamp>
    )
    .fetch_one(pool)
    .await
}

/// A page of what a search finds, newest first, and how many there are in all.
pub(in super::super) async fn search(
    pool: &PgPool,
    user: &UserId,
    search: &Search,
    page: Page,
) -> sqlx::Result<(Vec<Transaction>, i64)> {
    tokio::try_join!(select(pool, user, None, search, page), count(pool, user, search))
}

pub(in super::super) async fn find(
    pool: &PgPool,
    user: &UserId,
    id: &Id<Transaction>,
) -> sqlx::Result<Option<Transaction>> {
    let any =
        Search { symbol: None, r#type: None, start_date: None, end_date: None, page: None, limit: None };
    select(pool, user, Some(id), &any, Page::default()).await.map(|mut found| found.pop())
}

async fn select(
    pool: &PgPool,
    user: &UserId,
    id: Option<&Id<Transaction>>,
    search: &Search,
    page: Page,
) -> sqlx::Result<Vec<Transaction>> {
    sqlx::query!(
        r#"
        SELECT t.id, t."userId" AS user_id, t.symbol, t.name, t."cmcId" AS cmc_id, t.quantity AS "quantity: Decimal",
               t."amountInvested" AS "amount_invested: Decimal", t."averagePrice" AS "average_price: Decimal",
               t.type::text AS "kind!", t."transactionDate" AS "transaction_date: Timestamp", t.notes,
               t."exchangeId" AS exchange_id, t."portfolioId" AS portfolio_id,
               t."createdAt" AS "created_at: Timestamp", t."updatedAt" AS "updated_at: Timestamp",
               p.name AS "portfolio_name?", p."isDefault" AS "is_default?"
        FROM "Transaction" t LEFT JOIN "Portfolio" p ON p.id = t."portfolioId" AND p."userId" = t."userId"
        WHERE t."userId" = $1 AND ($2::text IS NULL OR t.id = $2)
          AND ($3::text IS NULL OR upper(t.symbol) = upper($3)) AND ($4::text IS NULL OR t.type::text = $4)
          AND ($5::timestamp IS NULL OR t."transactionDate" >= $5) AND ($6::timestamp IS NULL OR t."transactionDate" <= $6)
        ORDER BY t."transactionDate" DESC, t.id LIMIT $7 OFFSET $8
        "#,
        user.as_str(),
        id.map(Id::as_str),
        search.symbol(),
        search.r#type.map(TransactionType::as_str),
        search.start_date as Option<Timestamp>,
        search.end_date as Option<Timestamp>,
        page.limit(),
        page.offset()
    )
    .map(|row| Transaction {
        portfolio: row.portfolio_id.clone().zip(row.portfolio_name.zip(row.is_default)).map(
            |(id, (name, is_default))| PortfolioName { id, name, is_default },
        ),
        id: row.id,
        user_id: row.user_id,
        symbol: row.symbol,
        name: row.name,
        cmc_id: row.cmc_id,
        quantity: row.quantity,
        amount_invested: row.amount_invested,
        average_price: row.average_price,
        r#type: row.kind,
        date: row.transaction_date,
        notes: row.notes,
        exchange_id: row.exchange_id,
        portfolio_id: row.portfolio_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
    .fetch_all(pool)
    .await
}
