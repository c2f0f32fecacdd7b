//! The table `Token`.

use std::collections::{BTreeMap, BTreeSet};

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

impl<'a> From<&NewToken<'a>> for NewRow<'a> {
    fn from(token: &NewToken<'a>) -> Self {
        Self { id: Id::fresh(), symbol: token.symbol, name: token.name, cmc_id: token.cmc_id }
    }
}

struct Row {
    name: String,
    symbol: String,
    cmc_id: Option<i32>,
    price: Option<Decimal>,
    updated_at: Option<Timestamp>,
}

/// How tokens write symbols that were given in capitals: an older database may hold `stETH`.
#[derive(Debug)]
pub struct Spellings(BTreeMap<String, String>);

impl Spellings {
    /// How this symbol is written; none where there is no such token.
    pub fn of(&self, symbol: &str) -> Option<&str> {
        self.0.get(symbol).map(String::as_str)
    }
}

/// Sees to it that the token is there; how its symbol is written. An error where nobody has named it before, and the
/// user has named as many of those as one may.
pub async fn ensure(write: &mut Write, token: NewToken<'_>) -> Result<String, Problem> {
    let spellings = ensure_all(write, &[token]).await?;
    spellings.of(token.symbol).map(str::to_owned).ok_or_else(|| write.too_many_new_tokens())
}

/// Inserts the tokens whose symbols are absent, whatever the case: the first ones, where they are more than the user may
/// name. Those that are there stay as they are, but for the ids of those that the price source has not confirmed: who
/// named a token first may have been wrong.
pub async fn ensure_all(write: &mut Write, tokens: &[NewToken<'_>]) -> sqlx::Result<Spellings> {
    let mut seen = BTreeSet::new();
    let tokens = tokens.iter().filter(|token| seen.insert(token.symbol));
    let rows: Vec<NewRow> = tokens.map(NewRow::from).collect();
    let mut spellings = spellings(write, &rows).await?;
    let (mut new, mut rows): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| spellings.of(row.symbol).is_none());
    new.truncate(write.new_tokens_left());
    if !new.is_empty() {
        insert(write, &mut new).await?;
        // Not as they were given: somebody else may have been the first after all, and have written them otherwise.
        spellings.0.extend(self::spellings(write, &new).await?.0);
    }
    rows.extend(new);
    if rows.iter().any(|row| row.cmc_id.is_some()) {
        correct(write, &rows).await?;
    }
    Ok(spellings)
}

async fn insert(write: &mut Write, rows: &mut [NewRow<'_>]) -> sqlx::Result<()> {
    // So that two imports at once take their locks in the same order.
    rows.sort_by_key(|row| row.symbol);
    let inserted = sqlx::query!(
        r#"
        INSERT INTO "Token" (id, symbol, name, "cmcId")
        SELECT r.id, r.symbol, r.name, r."cmcId" FROM jsonb_populate_recordset(NULL::"Token", $1) r
        WHERE NOT EXISTS (SELECT FROM "Token" t WHERE upper(t.symbol) = upper(r.symbol))
        ON CONFLICT DO NOTHING
        "#,
        Json(&*rows) as _
    )
    .execute(&mut **write)
    .await?;
    write.count_new_tokens(inserted.rows_affected());
    Ok(())
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
