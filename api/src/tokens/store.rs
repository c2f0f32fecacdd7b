//! The table `Token`.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{Listing, Quote, TokenName, UsdQuote};
use crate::decimal::Decimal;
use crate::field::CmcId;
use crate::id::Id;
use crate::problem::Problem;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// Most results of a search.
const MAX_FOUND: i64 = 50;

/// A token that something names.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Such as `BTC`.
    pub symbol: &'a str,
    /// Such as `Bitcoin`.
    pub name: &'a str,
    /// `CoinMarketCap`'s id.
    pub cmc_id: Option<CmcId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRow<'a> {
    id: Id<TokenName>,
    symbol: &'a str,
    name: &'a str,
    cmc_id: Option<CmcId>,
}

struct Row {
    name: String,
    symbol: String,
    cmc_id: Option<i32>,
    price: Option<Decimal>,
    updated_at: Option<Timestamp>,
}

/// How existing tokens write symbols that were given in capitals: an older database may hold `stETH`.
#[derive(Debug)]
pub struct Spellings(BTreeMap<String, String>);

impl Spellings {
    /// How this symbol is written.
    pub fn of(&self, symbol: &str) -> String {
        self.0.get(symbol).cloned().unwrap_or_else(|| symbol.to_owned())
    }
}

/// Inserts the tokens whose symbols are absent, whatever the case. Those that are there stay as they are, but for the
/// ids of those that the price source has not confirmed: who named a token first may have been wrong. An error where the
/// user names more new ones than one may.
pub async fn ensure(write: &mut Write, tokens: &[NewToken<'_>]) -> Result<Spellings, Problem> {
    // By symbol, so that two imports at once take their locks in the same order.
    let mut rows: Vec<NewRow> = tokens
        .iter()
        .map(|token| NewRow { id: Id::fresh(), symbol: token.symbol, name: token.name, cmc_id: token.cmc_id })
        .collect();
    rows.sort_by_key(|row| row.symbol);
    rows.dedup_by_key(|row| row.symbol);
    let inserted = sqlx::query!(
        r#"
        INSERT INTO "Token" (id, symbol, name, "cmcId")
        SELECT r.id, r.symbol, r.name, r."cmcId" FROM jsonb_populate_recordset(NULL::"Token", $1) r
        WHERE NOT EXISTS (SELECT FROM "Token" t WHERE upper(t.symbol) = upper(r.symbol))
        ON CONFLICT DO NOTHING
        "#,
        Json(&rows) as _
    )
    .execute(&mut **write)
    .await?;
    write.count_new_tokens(inserted.rows_affected())?;
    correct(write, &rows).await?;
    Ok(spellings(write, &rows).await?)
}

async fn correct(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        WITH unconfirmed AS (
            SELECT t.id, r."cmcId"
            FROM "Token" t JOIN jsonb_populate_recordset(NULL::"Token", $1) r ON upper(r.symbol) = upper(t.symbol)
            WHERE r."cmcId" IS NOT NULL AND t."cmcId" IS DISTINCT FROM r."cmcId"
              AND NOT EXISTS (SELECT FROM "TokenPrice" p WHERE p."tokenId" = t.id)
            ORDER BY t.id FOR UPDATE OF t
        )
        UPDATE "Token" t SET "cmcId" = u."cmcId" FROM unconfirmed u WHERE t.id = u.id
        "#,
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn spellings(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> sqlx::Result<Spellings> {
    let symbols: Vec<String> = rows.iter().map(|row| row.symbol.to_owned()).collect();
    let found = sqlx::query!(
        r#"
        SELECT DISTINCT ON (s.given) s.given AS "given!", t.symbol
        FROM unnest($1::text[]) AS s (given) JOIN "Token" t ON upper(t.symbol) = upper(s.given)
        ORDER BY s.given, t.symbol = s.given DESC, t.id
        "#,
        &symbols
    )
    .fetch_all(connection)
    .await?;
    Ok(Spellings(found.into_iter().map(|row| (row.given, row.symbol)).collect()))
}

/// Tokens whose symbol or name begins so: the exact symbol first, then those that the price source knows.
pub(super) async fn search(pool: &PgPool, text: &str) -> sqlx::Result<Vec<Listing>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT t.name, t.symbol, t."cmcId" AS cmc_id, p.price AS "price?: Decimal",
               p."updatedAt" AS "updated_at?: Timestamp"
        FROM "Token" t LEFT JOIN "TokenPrice" p ON p."tokenId" = t.id
        WHERE starts_with(upper(t.symbol), upper($1)) OR starts_with(upper(t.name), upper($1))
        ORDER BY upper(t.symbol) = upper($1) DESC, p.price IS NULL, t.symbol, t.id LIMIT $2
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
