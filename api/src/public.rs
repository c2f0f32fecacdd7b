//! What everybody sees: tokens and their prices. These routes take no identity, so caches on the way may keep their
//! answers.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::decimal::Decimal;
use crate::problem::Problem;
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

/// What a token costs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    symbol: String,
    /// In dollars.
    price: Decimal,
    updated_at: Timestamp,
}

/// `GET /public/tokens`, by symbol.
pub async fn tokens(State(state): State<AppState>) -> Result<Json<Vec<Token>>, Problem> {
    let tokens = sqlx::query_as!(
        Token,
        r#"SELECT id, symbol, name, "cmcId" AS cmc_id, "logoUrl" AS logo_url FROM "Token" ORDER BY symbol"#
    );
    Ok(Json(tokens.fetch_all(state.database.reads()).await?))
}

/// `GET /public/prices`, by symbol.
pub async fn prices(State(state): State<AppState>) -> Result<Json<Vec<Quote>>, Problem> {
    let prices = sqlx::query_as!(
        Quote,
        r#"
        SELECT t.symbol, p.price AS "price: Decimal", p."updatedAt" AS "updated_at: Timestamp"
        FROM "TokenPrice" p JOIN "Token" t ON t.id = p."tokenId" ORDER BY t.symbol
        "#
    );
    Ok(Json(prices.fetch_all(state.database.reads()).await?))
}
