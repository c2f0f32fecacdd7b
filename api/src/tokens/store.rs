//! The table `Token`.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{Listing, Quote, TokenName, UsdQuote};
use crate::decimal::Decimal;
use crate::field::{CmcId, Name};
use crate::id::Id;
use crate::timestamp::Timestamp;

/// Most results of a search.
const MAX_FOUND: i64 = 50;

/// A token that something names.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Such as `BTC`.
    pub symbol: &'a Name,
    /// Such as `Bitcoin`.
    pub name: &'a Name,
    /// `CoinMarketCap`'s id.
    pub cmc_id: Option<CmcId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRow<'a> {
    id: Id<TokenName>,
    symbol: &'a Name,
    name: &'a Name,
    cmc_id: Option<CmcId>,
}

struct Row {
    name: String,
    symbol: String,
    cmc_id: Option<i32>,
    price: Option<Decimal>,
    updated_at: Option<Timestamp>,
}

/// Inserts the tokens whose symbols are absent; those that are there stay as they are.
pub async fn ensure(connection: &mut PgConnection, tokens: &[NewToken<'_>]) -> sqlx::Result<()> {
    // By symbol, so that two imports at once take their locks in the same order.
    let mut rows: Vec<NewRow> = tokens
        .iter()
        .map(|token| NewRow { id: Id::fresh(), symbol: token.symbol, name: token.name, cmc_id: token.cmc_id })
        .collect();
    rows.sort_by_key(|row| row.symbol);
    rows.dedup_by_key(|row| row.symbol);
    sqlx::query!(
        r#"
        INSERT INTO "Token" (id, symbol, name, "cmcId")
        SELECT id, symbol, name, "cmcId" FROM jsonb_populate_recordset(NULL::"Token", $1)
        ON CONFLICT DO NOTHING
        "#,
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tokens whose symbol or name begins so, the exact symbol first.
pub(super) async fn search(pool: &PgPool, text: &str) -> sqlx::Result<Vec<Listing>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT t.name, t.symbol, t."cmcId" AS cmc_id, p.price AS "price?: Decimal",
               p."updatedAt" AS "updated_at?: Timestamp"
        FROM "Token" t LEFT JOIN "TokenPrice" p ON p."tokenId" = t.id
        WHERE starts_with(upper(t.symbol), upper($1)) OR starts_with(upper(t.name), upper($1))
        ORDER BY upper(t.symbol) = upper($1) DESC, t.symbol, t.id LIMIT $2
        "#,
        text,
        MAX_FOUND
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Listing::from).collect())
}

pub(super) async fn by_cmc_id(pool: &PgPool, id: CmcId) -> sqlx::Result<Option<Listing>> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT t.name, t.symbol, t."cmcId" AS cmc_id, p.price AS "price?: Decimal",
               p."updatedAt" AS "updated_at?: Timestamp"
        FROM "Token" t LEFT JOIN "TokenPrice" p ON p."tokenId" = t.id
        WHERE t."cmcId" = $1 ORDER BY t.id LIMIT 1
        "#,
        id.get()
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Listing::from))
}

impl From<Row> for Listing {
    fn from(row: Row) -> Self {
        let slug = row.name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
        let usd = UsdQuote { price: row.price, last_updated: row.updated_at };
        Self { id: row.cmc_id, name: row.name, symbol: row.symbol, slug, quote: Quote { usd } }
    }
}
