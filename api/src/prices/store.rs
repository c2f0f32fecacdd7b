//! The table `TokenPrice`.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::Prices;
use crate::decimal::Decimal;

#[derive(Serialize)]
struct Row<'a> {
    cmc_id: i32,
    price: &'a Decimal,
}

/// The ids of all tokens that a source may know.
pub(super) async fn cmc_ids(pool: &PgPool) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(r#"SELECT DISTINCT "cmcId" AS "id!" FROM "Token" WHERE "cmcId" > 0 ORDER BY 1"#)
        .fetch_all(pool)
        .await
}

/// Stores prices; the ids of the tokens whose price is another now.
pub async fn put(connection: &mut PgConnection, prices: &Prices) -> sqlx::Result<Vec<String>> {
    let rows: Vec<Row> = prices.iter().map(|(cmc_id, price)| Row { cmc_id: *cmc_id, price }).collect();
    sqlx::query_scalar!(
        r#"
        INSERT INTO "TokenPrice" AS p ("tokenId", price, "updatedAt")
        SELECT t.id, r.price, now() AT TIME ZONE 'UTC'
        FROM jsonb_to_recordset($1) AS r (cmc_id integer, price numeric)
        JOIN "Token" t ON t."cmcId" = r.cmc_id
        ORDER BY t.id
        ON CONFLICT ("tokenId") DO UPDATE SET price = excluded.price, "updatedAt" = excluded."updatedAt"
        WHERE p.price <> excluded.price
        RETURNING "tokenId"
        "#,
        Json(rows) as _
    )
    .fetch_all(connection)
    .await
}
