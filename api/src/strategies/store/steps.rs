//! The table `StrategyStep`. Its state may be text or an enum, as `UserStrategy`'s status.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::super::plan::{Target, TargetType};
use super::super::steps::{Step, StepState, StepUpdate, StoredStep};
use super::super::{NewStrategy, Strategy};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Notes, Share};
use crate::id::Id;
use crate::timestamp::Timestamp;

/// A row of `StrategyStep`: the fields are the columns, by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRow<'a> {
    id: Id<Step>,
    strategy_id: &'a Id<Strategy>,
    target_type: TargetType,
    target_pct: Decimal,
    sell_pct: &'a Share,
    target_price: Decimal,
    notes: Option<&'a Notes>,
}

/// The steps of these strategies, lowest target first.
pub(super) async fn of(pool: &PgPool, user: &UserId, strategies: &[String]) -> sqlx::Result<Vec<Step>> {
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

/// Inserts the steps of a new strategy.
pub(super) async fn insert(
    connection: &mut PgConnection,
    id: &Id<Strategy>,
    new: &NewStrategy,
) -> sqlx::Result<()> {
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
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves the targets that are gains to the new reference price, and states the others' gains anew.
pub(in super::super) async fn follow_reference_price(
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

/// The step as it is, its strategy locked until the transaction ends: two updates at once must not each see room
/// for what only one of them may sell.
pub(in super::super) async fn lock_step(
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

pub(in super::super) async fn update_step(
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
