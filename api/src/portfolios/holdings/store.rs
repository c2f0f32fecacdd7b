//! The table `Holding`.

use sqlx::{PgConnection, PgPool};

use super::{Holding, HoldingUpdate, NewHolding, Valuation};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::Amount;
use crate::id::Id;
use crate::portfolios::Portfolio;
use crate::timestamp::Timestamp;
use crate::tokens::TokenName;

struct Row {
    id: String,
    portfolio_id: String,
    quantity: Decimal,
    invested_amount: Decimal,
    average_price: Decimal,
    current_price: Option<Decimal>,
    last_updated: Timestamp,
    token_id: String,
    symbol: String,
    token_name: String,
    logo_url: Option<String>,
}

/// The user's holdings, in one portfolio or in all, by symbol.
pub async fn list(
    pool: &PgPool,
    user: &UserId,
    portfolio: Option<&Id<Portfolio>>,
) -> sqlx::Result<Vec<Holding>> {
    select(pool, user, portfolio, None).await
}

pub(super) async fn find(
    pool: &PgPool,
    user: &UserId,
    portfolio: &Id<Portfolio>,
    id: &Id<Holding>,
) -> sqlx::Result<Option<Holding>> {
    select(pool, user, Some(portfolio), Some(id)).await.map(|mut found| found.pop())
}

/// A token's price is the market's, kept once; where there is none, the one stored with the holding.
async fn select(
    pool: &PgPool,
    user: &UserId,
    portfolio: Option<&Id<Portfolio>>,
    id: Option<&Id<Holding>>,
) -> sqlx::Result<Vec<Holding>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT h.id, h."portfolioId" AS portfolio_id,
               h.quantity AS "quantity: Decimal", h."investedAmount" AS "invested_amount: Decimal",
               h."averagePrice" AS "average_price: Decimal",
               coalesce(m.price, h."currentPrice") AS "current_price: Decimal",
               h."lastUpdated" AS "last_updated: Timestamp",
               t.id AS token_id, t.symbol, t.name AS token_name, t."logoUrl" AS logo_url
        FROM "Portfolio" p
        JOIN "Holding" h ON h."portfolioId" = p.id
        JOIN "Token" t ON t.id = h."tokenId"
        LEFT JOIN "TokenPrice" m ON m."tokenId" = t.id
        WHERE p."userId" = $1 AND ($2::text IS NULL OR p.id = $2) AND ($3::text IS NULL OR h.id = $3)
        ORDER BY t.symbol, h.id
        "#,
        user.as_str(),
        portfolio.map(Id::as_str),
        id.map(Id::as_str)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Holding::from).collect())
}

pub(super) async fn owns(
    connection: &mut PgConnection,
    user: &UserId,
    portfolio: &Id<Portfolio>,
    id: &Id<Holding>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM "Holding" h JOIN "Portfolio" p ON p.id = h."portfolioId"
            WHERE h.id = $3 AND p.id = $2 AND p."userId" = $1
        ) AS "owns!"
        "#,
        user.as_str(),
        portfolio.as_str(),
        id.as_str()
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn token_exists(connection: &mut PgConnection, id: &Id<TokenName>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM "Token" WHERE id = $1) AS "exists!""#, id.as_str())
        .fetch_one(connection)
        .await
}

/// Whether there was no holding of this token yet.
pub(super) async fn insert(
    connection: &mut PgConnection,
    portfolio: &Id<Portfolio>,
    id: &Id<Holding>,
    new: &NewHolding,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        r#"
        INSERT INTO "Holding" (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice", "currentPrice")
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ("portfolioId", "tokenId") DO NOTHING
        "#,
        id.as_str(),
        portfolio.as_str(),
        new.token_id.as_str(),
        new.quantity.get() as &Decimal,
        new.invested_amount.get() as &Decimal,
        new.average_price.get() as &Decimal,
        new.current_price.as_ref().map(Amount::get) as Option<&Decimal>
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Whether there was one to update.
pub(super) async fn update(
    connection: &mut PgConnection,
    user: &UserId,
    portfolio: &Id<Portfolio>,
    id: &Id<Holding>,
    update: &HoldingUpdate,
) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        r#"
        UPDATE "Holding" h SET
            quantity = coalesce($4, h.quantity),
            "investedAmount" = coalesce($5, h."investedAmount"),
            "averagePrice" = coalesce($6, h."averagePrice"),
            "currentPrice" = coalesce($7, h."currentPrice"),
            "lastUpdated" = now() AT TIME ZONE 'UTC'
        FROM "Portfolio" p
        WHERE h.id = $3 AND h."portfolioId" = p.id AND p.id = $2 AND p."userId" = $1
        "#,
        user.as_str(),
        portfolio.as_str(),
        id.as_str(),
        update.quantity.as_ref().map(Amount::get) as Option<&Decimal>,
        update.invested_amount.as_ref().map(Amount::get) as Option<&Decimal>,
        update.average_price.as_ref().map(Amount::get) as Option<&Decimal>,
        update.current_price.as_ref().map(Amount::get) as Option<&Decimal>
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Deletes the user's holdings with these ids, and with them what names them: configurations, and their place in
/// forecasts.
pub async fn forget(connection: &mut PgConnection, user: &UserId, ids: &[String]) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(r#"DELETE FROM "TokenStrategyConfiguration" WHERE "holdingId" = ANY($1)"#, ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        r#"
        UPDATE "Forecast" SET "appliedStrategies" = "appliedStrategies" - $2::text[]
        WHERE "userId" = $1 AND jsonb_typeof("appliedStrategies") = 'object' AND "appliedStrategies" ?| $2::text[]
        "#,
        user.as_str(),
        ids
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(r#"DELETE FROM "Holding" WHERE id = ANY($1)"#, ids).execute(connection).await?;
    Ok(())
}

impl From<Row> for Holding {
    fn from(row: Row) -> Self {
        let price = row.current_price.as_ref().unwrap_or(&row.average_price);
        Self {
            valuation: Valuation::new(&row.quantity * price, &row.invested_amount),
            portfolio_id: row.portfolio_id,
            id: row.id,
            quantity: row.quantity,
            invested_amount: row.invested_amount,
            average_price: row.average_price,
            current_price: row.current_price,
            last_updated: row.last_updated,
            token: TokenName {
                id: row.token_id,
                symbol: row.symbol,
                name: row.token_name,
                logo_url: row.logo_url,
            },
        }
    }
}
