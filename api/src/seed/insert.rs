//! Rows into tables: a statement a table and batch, the rows as one JSON value that the database unpacks by the
//! table's own types. What is there already stays as it is.

use std::ops::RangeInclusive;

use serde_json::json;
use sqlx::PgPool;
use sqlx::types::Json;

use super::catalogue::TOKENS;
use super::plan::{self, TokenIds};
use super::rows::Rows;

/// Inserts the catalogue's tokens where their symbols are absent; the ids of all of them.
pub(super) async fn tokens(pool: &PgPool) -> sqlx::Result<TokenIds> {
    let tokens = TOKENS.iter().map(|token| {
        let id = token.cmc_id;
        let logo = format!("https://s2.coinmarketcap.com/static/img/coins/64x64/{id}.png");
        json!({"id": format!("seed-token-{id}"), "symbol": token.symbol, "name": token.name, "cmcId": id, "logoUrl": logo})
    });
    sqlx::query!(
        r#"
        INSERT INTO "Token" (id, symbol, name, "cmcId", "logoUrl")
        SELECT id, symbol, name, "cmcId", "logoUrl" FROM jsonb_populate_recordset(NULL::"Token", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(tokens.collect::<Vec<_>>()) as _
    )
    .execute(pool)
    .await?;
    let symbols: Vec<String> = TOKENS.iter().map(|token| token.symbol.to_owned()).collect();
    let ids = sqlx::query!(r#"SELECT symbol, id FROM "Token" WHERE symbol = ANY($1)"#, &symbols)
        .fetch_all(pool)
        .await?;
    Ok(ids.into_iter().map(|row| (row.symbol, row.id)).collect())
}

/// Inserts the templates that every user sees.
pub(super) async fn templates(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "StrategyTemplate" (id, name, type, "isDefault", "updatedAt")
        VALUES ('seed-template-none', 'No profit taking', 'no_tp', true, '2025-01-06'),
               ('seed-template-percentage', 'Percentages', 'percentage', false, '2025-01-06'),
               ('seed-template-dca', 'Averaging out', 'dca', false, '2025-01-06')
        ON CONFLICT DO NOTHING
        "#
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "ProfitTakingTemplate" (id, name, rules, "isDefault", "updatedAt")
        VALUES ('seed-profit-quarters', 'Quarters', '[{"gain": 50, "sell": 25}, {"gain": 100, "sell": 25}]', true, '2025-01-06'),
               ('seed-profit-half', 'Half at double', '[{"gain": 100, "sell": 50}]', false, '2025-01-06')
        ON CONFLICT DO NOTHING
        "#
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Inserts these users and all that is theirs, or nothing.
pub(super) async fn users(
    pool: &PgPool,
    numbers: RangeInclusive<u32>,
    token_ids: &TokenIds,
) -> sqlx::Result<()> {
    let rows = plan::users(numbers, token_ids);
    let mut transaction = pool.begin().await?;
    people(&mut transaction, &rows).await?;
    trades(&mut transaction, &rows).await?;
    strategies(&mut transaction, &rows).await?;
    forecasts(&mut transaction, &rows).await?;
    transaction.commit().await
}

async fn people(connection: &mut sqlx::PgConnection, rows: &Rows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "User" (id, email, password, "emailVerified", "createdAt")
        SELECT id, email, password, "emailVerified", "createdAt" FROM jsonb_populate_recordset(NULL::"User", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.users) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "Portfolio" (id, "userId", name, "isDefault", "createdAt", "updatedAt")
        SELECT id, "userId", name, "isDefault", "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"Portfolio", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.portfolios) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "Holding" (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice", "currentPrice",
                               "lastUpdated")
        SELECT id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice", "currentPrice", "lastUpdated"
        FROM jsonb_populate_recordset(NULL::"Holding", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.holdings) as _
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn trades(connection: &mut sqlx::PgConnection, rows: &Rows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "Transaction" (id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice", type,
                                   "transactionDate", "portfolioId", "createdAt", "updatedAt")
        SELECT id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice", type,
               "transactionDate", "portfolioId", "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"Transaction", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.transactions) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "Strategy" (id, "userId", name, asset, "baseQty", "refPrice", status, "createdAt", "updatedAt")
        SELECT id, "userId", name, asset, "baseQty", "refPrice", status, "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"Strategy", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.ladders) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "StrategyStep" (id, "strategyId", "targetType", "targetPct", "sellPct", "targetPrice", state,
                                    "createdAt", "updatedAt")
        SELECT id, "strategyId", "targetType", "targetPct", "sellPct", "targetPrice", state, "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"StrategyStep", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.steps) as _
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn strategies(connection: &mut sqlx::PgConnection, rows: &Rows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "UserStrategy" (id, "userId", "portfolioId", name, status, "createdAt", "updatedAt")
        SELECT id, "userId", "portfolioId", name, status, "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"UserStrategy", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.strategies) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "TokenStrategyConfiguration" (id, "userStrategyId", "holdingId", "isActive", "createdAt", "updatedAt")
        SELECT id, "userStrategyId", "holdingId", "isActive", "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"TokenStrategyConfiguration", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.token_configurations) as _
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn forecasts(connection: &mut sqlx::PgConnection, rows: &Rows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "TheoreticalStrategy" (id, "userId", name, "tokenSymbol", "tokenName", quantity, "averagePrice",
                                           "profitTargets", status, "createdAt", "updatedAt")
        SELECT id, "userId", name, "tokenSymbol", "tokenName", quantity, "averagePrice", "profitTargets", status,
               "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"TheoreticalStrategy", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.theoretical_strategies) as _
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO "Forecast" (id, "userId", "portfolioId", name, "appliedStrategies", summary, "createdAt", "updatedAt")
        SELECT id, "userId", "portfolioId", name, "appliedStrategies", summary, "createdAt", "updatedAt"
        FROM jsonb_populate_recordset(NULL::"Forecast", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows.forecasts) as _
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Lets the planner know at once what the tables hold now.
pub(super) async fn analyze(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!(r#"ANALYZE "User", "Token", "Portfolio", "Holding", "Transaction", "Strategy", "StrategyStep", "UserStrategy", "TokenStrategyConfiguration", "Forecast""#)
        .execute(pool)
        .await?;
    Ok(())
}
