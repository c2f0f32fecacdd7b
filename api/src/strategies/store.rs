//! The table `Strategy`. Its status may be text or an enum, as `UserStrategy`'s.

mod steps;

use sqlx::{PgConnection, PgPool};

pub(super) use steps::{follow_reference_price, lock_step, update_step};

use super::{NewStrategy, Search, Status, Strategy, StrategyUpdate};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Amount, Name, Notes};
use crate::id::Id;
use crate::problem::Problem;
use crate::request::Page;
use crate::timestamp::Timestamp;
use crate::tokens::{self, NewToken};
use crate::write::Write;

/// A page of the user's strategies, newest first, and how many there are in all.
pub(super) async fn search(
    pool: &PgPool,
    user: &UserId,
    search: &Search,
    page: Page,
) -> sqlx::Result<(Vec<Strategy>, i64)> {
    let (symbol, status) = (search.symbol(), search.status.map(Status::as_str));
    let total = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "total!" FROM "Strategy"
        WHERE "userId" = $1 AND ($2::text IS NULL OR upper(asset) = upper($2)) AND ($3::text IS NULL OR status::text = $3)
        "#,
        user.as_str(),
        symbol,
        status
    )
    .fetch_one(pool)
    .await?;
    let ids = sqlx::query_scalar!(
        r#"
        SELECT id FROM "Strategy"
        WHERE "userId" = $1 AND ($2::text IS NULL OR upper(asset) = upper($2)) AND ($3::text IS NULL OR status::text = $3)
        ORDER BY "createdAt" DESC, id LIMIT $4 OFFSET $5
        "#,
        user.as_str(),
        symbol,
        status,
        page.limit(),
        page.offset()
    )
    .fetch_all(pool)
    .await?;
    Ok((select(pool, user, &ids).await?, total))
}

pub(super) async fn find(pool: &PgPool, user: &UserId, id: &Id<Strategy>) -> sqlx::Result<Option<Strategy>> {
    select(pool, user, &[id.as_str().to_owned()]).await.map(|mut found| found.pop())
}

/// The strategies with their steps: two queries, however many there are.
async fn select(pool: &PgPool, user: &UserId, ids: &[String]) -> sqlx::Result<Vec<Strategy>> {
    let mut strategies = sqlx::query!(
        r#"
        SELECT s.id, s."userId" AS user_id, s.name, s.asset, s."baseQty" AS "base_quantity: Decimal",
               s."refPrice" AS "reference_price: Decimal", s.status::text AS "status!", s.notes,
               s."createdAt" AS "created_at: Timestamp", s."updatedAt" AS "updated_at: Timestamp",
               t.name AS "token_name?", t."cmcId" AS "cmc_id?"
        FROM "Strategy" s LEFT JOIN "Token" t ON t.symbol = s.asset
        WHERE s."userId" = $1 AND s.id = ANY($2)
        ORDER BY s."createdAt" DESC, s.id
        "#,
        user.as_str(),
        ids
    )
    .map(|row| Strategy {
        id: row.id,
        user_id: row.user_id,
        name: row.name,
        token_name: row.token_name.unwrap_or_else(|| row.asset.clone()),
        symbol: row.asset,
        cmc_id: row.cmc_id,
        base_quantity: row.base_quantity,
        reference_price: row.reference_price,
        status: row.status,
        notes: row.notes,
        steps: Vec::new(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
    .fetch_all(pool)
    .await?;
    for step in steps::of(pool, user, ids).await? {
        if let Some(strategy) = strategies.iter_mut().find(|strategy| strategy.id == step.strategy_id) {
            strategy.steps.push(step);
        }
    }
    Ok(strategies)
}

pub(super) async fn insert(
    write: &mut Write,
    user: &UserId,
    id: &Id<Strategy>,
    new: &NewStrategy,
) -> Result<(), Problem> {
    let (symbol, name) = (new.symbol.as_str(), new.token_name.as_str());
    let token = NewToken { symbol, name, cmc_id: Some(new.cmc_id) };
    let asset = tokens::ensure(write, token).await?;
    sqlx::query!(
        r#"
        INSERT INTO "Strategy" (id, "userId", name, asset, "baseQty", "refPrice", notes, "updatedAt")
        VALUES ($1, $2, $3, $4, $5, $6, $7, now() AT TIME ZONE 'UTC')
        "#,
        id.as_str(),
        user.as_str(),
        new.name.as_str(),
        asset,
        new.base_quantity.get() as &Decimal,
        new.reference_price.get() as &Decimal,
        new.notes.as_ref().map(Notes::as_str)
    )
    .execute(&mut **write)
    .await?;
    steps::insert(write, id, new).await?;
    Ok(())
}

/// Whether there was one to update.
pub(super) async fn update(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Strategy>,
    update: &StrategyUpdate,
) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        r#"
        UPDATE "Strategy" SET
            name = coalesce($3, name),
            status = coalesce((jsonb_populate_record(NULL::"Strategy", jsonb_build_object('status', $4::text))).status, status),
            "baseQty" = coalesce($5, "baseQty"),
            "refPrice" = coalesce($6, "refPrice"),
            notes = CASE WHEN $7 THEN $8 ELSE notes END,
            "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE id = $2 AND "userId" = $1
        "#,
        user.as_str(),
        id.as_str(),
        update.name.as_ref().map(Name::as_str),
        update.status.map(Status::as_str),
        update.base_quantity.as_ref().map(Amount::get) as Option<&Decimal>,
        update.reference_price.as_ref().map(Amount::get) as Option<&Decimal>,
        update.notes.is_made(),
        update.notes.value().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Whether there was one to delete.
pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Strategy>,
) -> sqlx::Result<bool> {
    let deleted =
        sqlx::query!(r#"DELETE FROM "Strategy" WHERE id = $2 AND "userId" = $1"#, user.as_str(), id.as_str())
            .execute(connection)
            .await?;
    Ok(deleted.rows_affected() > 0)
}
