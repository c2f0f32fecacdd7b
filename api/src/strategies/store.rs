//! The tables `Strategy` and `StrategyStep`. Their states may be text or enums, as `UserStrategy`'s.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::plan::Target;
use super::steps::{Step, StepState, StepUpdate, StoredStep};
use super::{NewStrategy, Search, Status, Strategy, StrategyUpdate};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Amount, Name, Notes, Share};
use crate::id::Id;
use crate::problem::Problem;
use crate::request::Page;
use crate::timestamp::Timestamp;
use crate::tokens::{self, NewToken};
use crate::write::Write;

/// A row of `StrategyStep`: the fields are the columns, by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRow<'a> {
    id: Id<Step>,
    strategy_id: &'a Id<Strategy>,
    target_type: super::TargetType,
    target_pct: Decimal,
    sell_pct: &'a Share,
    target_price: Decimal,
    notes: Option<&'a Notes>,
}

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
    for step in steps(pool, user, ids).await? {
        if let Some(strategy) = strategies.iter_mut().find(|strategy| strategy.id == step.strategy_id) {
            strategy.steps.push(step);
        }
    }
    Ok(strategies)
}

/// The steps of these strategies, lowest target first.
async fn steps(pool: &PgPool, user: &UserId, strategies: &[String]) -> sqlx::Result<Vec<Step>> {
    sqlx::query_as!(
        Step,
        r#"
        SELECT t.id, t."strategyId" AS strategy_id, t."targetType"::text AS "target_type!",
               CASE WHEN t."targetType"::text = 'exact_price' THEN t."targetPrice" ELSE t."targetPct" END
                   AS "target_value!: Decimal",
               t."targetPrice" AS "target_price: Decimal", t."sellPct" AS "sell_percentage: Decimal",
               s."baseQty" * t."sellPct" / 100 AS "sell_quantity!: Decimal",
               t.state::text AS "state!", t."triggeredAt" AS "triggered_at: Timestamp", t.notes,
               t."createdAt" AS "created_at: Timestamp", t."updatedAt" AS "updated_at: Timestamp"
        FROM "StrategyStep" t JOIN "Strategy" s ON s.id = t."strategyId"
        WHERE s."userId" = $1 AND t."strategyId" = ANY($2)
        ORDER BY t."strategyId", t."targetPrice", t.id
        "#,
        user.as_str(),
        strategies
    )
    .fetch_all(pool)
    .await
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
    let reference_price = new.reference_price.get();
    let rows = new.steps.iter().map(|step| NewRow {
        id: Id::fresh(),
        strategy_id: id,
        target_type: step.target().kind(),
        target_pct: step.target().gain(reference_price),
        sell_pct: step.share(),
        target_price: step.target().price(reference_price),
        notes: step.notes(),
    });
    sqlx::query!(
        r#"
        INSERT INTO "StrategyStep" (id, "strategyId", "targetType", "targetPct", "sellPct", "targetPrice", notes, "updatedAt")
        SELECT id, "strategyId", "targetType", "targetPct", "sellPct", "targetPrice", notes, now() AT TIME ZONE 'UTC'
        FROM jsonb_populate_recordset(NULL::"StrategyStep", $1)
        "#,
        Json(rows.collect::<Vec<_>>()) as _
    )
    .execute(&mut **write)
    .await?;
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

/// Moves the targets that are gains to the new reference price, and states the others' gains anew.
pub(super) async fn follow_reference_price(
    connection: &mut PgConnection,
    id: &Id<Strategy>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        UPDATE "StrategyStep" t SET
            "targetPrice" = CASE WHEN t."targetType"::text = 'exact_price' THEN t."targetPrice"
                                 ELSE s."refPrice" * (1 + t."targetPct" / 100) END,
            "targetPct" = CASE WHEN t."targetType"::text <> 'exact_price' THEN t."targetPct"
                               WHEN s."refPrice" = 0 THEN 0
                               ELSE least((t."targetPrice" / s."refPrice" - 1) * 100, 999999) END,
            "updatedAt" = now() AT TIME ZONE 'UTC'
        FROM "Strategy" s WHERE s.id = t."strategyId" AND s.id = $1
        "#,
        id.as_str()
    )
    .execute(connection)
    .await?;
    Ok(())
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

/// The step as it is, its strategy locked until the transaction ends: two updates at once must not each see room
/// for what only one of them may sell.
pub(super) async fn lock_step(
    connection: &mut PgConnection,
    user: &UserId,
    strategy: &Id<Strategy>,
    step: &Id<Step>,
) -> sqlx::Result<Option<StoredStep>> {
    sqlx::query!(
        r#"SELECT id FROM "Strategy" WHERE id = $1 AND "userId" = $2 FOR UPDATE"#,
        strategy.as_str(),
        user.as_str()
    )
    .fetch_optional(&mut *connection)
    .await?;
    sqlx::query_as!(
        StoredStep,
        r#"
        SELECT s."refPrice" AS "reference_price: Decimal", t."targetType"::text = 'exact_price' AS "is_exact!",
               t."targetPct" AS "gain: Decimal", t."targetPrice" AS "price: Decimal",
               (SELECT coalesce(sum(o."sellPct"), 0) FROM "StrategyStep" o
                WHERE o."strategyId" = s.id AND o.id <> t.id) AS "others_sell!: Decimal"
        FROM "StrategyStep" t JOIN "Strategy" s ON s.id = t."strategyId"
        WHERE t.id = $3 AND s.id = $2 AND s."userId" = $1
        "#,
        user.as_str(),
        strategy.as_str(),
        step.as_str()
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn update_step(
    connection: &mut PgConnection,
    id: &Id<Step>,
    update: &StepUpdate,
    target: &Target,
    reference_price: &Decimal,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        UPDATE "StrategyStep" t SET
            "targetType" = changed."targetType",
            "targetPct" = $3,
            "targetPrice" = $4,
            "sellPct" = coalesce($5, t."sellPct"),
            state = coalesce(changed.state, t.state),
            "triggeredAt" = CASE WHEN $6 = 'triggered' THEN coalesce(t."triggeredAt", now() AT TIME ZONE 'UTC')
                                 WHEN $6 = 'pending' THEN NULL ELSE t."triggeredAt" END,
            notes = CASE WHEN $7 THEN $8 ELSE t.notes END,
            "updatedAt" = now() AT TIME ZONE 'UTC'
        FROM jsonb_populate_record(NULL::"StrategyStep", jsonb_build_object('targetType', $2::text, 'state', $6::text)) changed
        WHERE t.id = $1
        "#,
        id.as_str(),
        target.kind().as_str(),
        target.gain(reference_price) as Decimal,
        target.price(reference_price) as Decimal,
        update.sell_percentage.as_ref().map(Share::get) as Option<&Decimal>,
        update.state.map(StepState::as_str),
        update.notes.is_made(),
        update.notes.value().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(())
}
