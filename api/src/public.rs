//! What everybody sees: tokens and their prices. These routes take no identity, so caches on the way may keep their
//! answers.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

use crate::cache::{Document, Key};
use crate::decimal::Decimal;
use crate::problem::Problem;
use crate::request::Kept;
use crate::seed::TOKENS;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// A token.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    id: String,
    symbol: String,
    name: String,
    cmc_id: Option<i32>,
    logo_url: Option<String>,
}

/// A token's price.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    symbol: String,
    /// In dollars.
    price: Decimal,
    updated_at: Timestamp,
}

/// `GET /public/tokens`, by symbol.
pub async fn tokens(State(state): State<AppState>) -> Result<Kept<Vec<Token>>, Problem> {
    let load = async |state: AppState| Ok(all_tokens(state.database.reads()).await?);
    state.kept(Key::public(Document::Tokens), load).await
}

/// `GET /public/prices`, by symbol. They are pushed when they change, so the replica may be behind the news: the
/// primary is asked, once every half a minute.
pub async fn prices(State(state): State<AppState>) -> Result<Kept<Vec<Quote>>, Problem> {
    let load = async |state: AppState| Ok(all_prices(state.database.primary()).await?);
    state.kept(Key::public(Document::Prices), load).await
}

/// The tokens that the price source knows, and the catalogue's: anybody may name others.
async fn all_tokens(pool: &PgPool) -> sqlx::Result<Vec<Token>> {
    let symbols: Vec<String> = TOKENS.iter().map(|token| token.symbol.to_owned()).collect();
    let cmc_ids: Vec<i32> = TOKENS.iter().map(|token| token.cmc_id).collect();
    sqlx::query_as!(
        Token,
        r#"
        SELECT t.id, t.symbol, coalesce(p.name, t.name) AS "name!", t."cmcId" AS cmc_id, t."logoUrl" AS logo_url
        FROM "Token" t LEFT JOIN "TokenPrice" p ON p."tokenId" = t.id
        WHERE p."tokenId" IS NOT NULL
           OR EXISTS (SELECT FROM unnest($1::text[], $2::integer[]) AS c (symbol, cmc_id)
                      WHERE c.symbol = t.symbol AND c.cmc_id = t."cmcId")
        ORDER BY t.symbol
        "#,
        &symbols,
        &cmc_ids
    )
    .fetch_all(pool)
    .await
}

/// The prices of all tokens that have one, by symbol.
pub async fn all_prices(pool: &PgPool) -> sqlx::Result<Vec<Quote>> {
    sqlx::query_as!(
        Quote,
        r#"
        SELECT t.symbol, p.price AS "price: Decimal", p."updatedAt" AS "updated_at: Timestamp"
        FROM "TokenPrice" p JOIN "Token" t ON t.id = p."tokenId" ORDER BY t.symbol
        "#
    )
    .fetch_all(pool)
    .await
}
