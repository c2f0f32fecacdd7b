//! The table `TokenPrice`.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{Listed, Prices};
use crate::decimal::Decimal;

#[derive(Serialize)]
struct Row<'a> {
    cmc_id: i32,
    symbol: &'a str,
    name: &'a str,
    price: &'a Decimal,
}

/// Ids a time that no source has confirmed yet. Anybody may name tokens, and every hundred cost a call.
const UNCONFIRMED_A_TIME: i64 = 200;

/// The ids of the tokens that have a price, and by chance of some that have none yet.
pub(super) async fn cmc_ids(pool: &PgPool) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        r#"
        SELECT t."cmcId" AS "id!" FROM "Token" t JOIN "TokenPrice" p ON p."tokenId" = t.id WHERE t."cmcId" > 0
        UNION (
            SELECT t."cmcId" FROM "Token" t
            WHERE t."cmcId" > 0 AND NOT EXISTS (SELECT FROM "TokenPrice" p WHERE p."tokenId" = t.id)
            GROUP BY t."cmcId" ORDER BY random() LIMIT $1
        )
        ORDER BY 1
        "#,
        UNCONFIRMED_A_TIME
    )
    .fetch_all(pool)
    .await
}

/// Stores prices; the ids of the tokens whose price is another now. A token gets its first price only where the
/// source calls it by the same symbol: whoever named it may have given another one's id. It keeps it when the source
/// renames it.
pub async fn put(connection: &mut PgConnection, prices: &Prices) -> sqlx::Result<Vec<String>> {
    let rows = prices.iter().map(|(cmc_id, Listed { symbol, name, price })| Row {
        cmc_id: *cmc_id,
        symbol,
        name,
        price,
    });
    let rows: Vec<Row> = rows.collect();
    sqlx::query_scalar!(
        r#"
        INSERT INTO "TokenPrice" AS p ("tokenId", price, name, "updatedAt")
        SELECT t.id, r.price, r.name, now() AT TIME ZONE 'UTC'
        FROM jsonb_to_recordset($1) AS r (cmc_id integer, symbol text, name text, price numeric)
        JOIN "Token" t ON t."cmcId" = r.cmc_id
        WHERE upper(t.symbol) = upper(r.symbol) OR EXISTS (SELECT FROM "TokenPrice" k WHERE k."tokenId" = t.id)
        ORDER BY t.id
        ON CONFLICT ("tokenId") DO UPDATE SET
            price = excluded.price, name = excluded.name, "updatedAt" = excluded."updatedAt"
        WHERE p.price <> excluded.price
        RETURNING "tokenId"
        "#,
        Json(rows) as _
    )
    .fetch_all(connection)
    .await
}
