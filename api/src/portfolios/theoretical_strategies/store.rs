//! The table `TheoreticalStrategy`. Its status may be text or an enum, as `UserStrategy`'s.

use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{
    NewTheoreticalStrategy, ProfitTarget, ProfitTargets, TheoreticalStrategy, TheoreticalStrategyUpdate,
};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::field::{Amount, Name, Notes};
use crate::id::Id;
use crate::json::Stored;
use crate::portfolios::strategies::PlanStatus;
use crate::timestamp::Timestamp;

struct Row {
    id: String,
    user_id: String,
    name: String,
    description: Option<String>,
    token_symbol: String,
    token_name: String,
    quantity: Decimal,
    average_price: Decimal,
    profit_targets: Stored,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The user's theoretical strategies, newest first.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<TheoreticalStrategy>> {
    select(pool, user, None).await
}

pub(super) async fn find(
    pool: &PgPool,
    user: &UserId,
    id: &Id<TheoreticalStrategy>,
) -> sqlx::Result<Option<TheoreticalStrategy>> {
    select(pool, user, Some(id)).await.map(|mut found| found.pop())
}

async fn select(
    pool: &PgPool,
    user: &UserId,
    id: Option<&Id<TheoreticalStrategy>>,
) -> sqlx::Result<Vec<TheoreticalStrategy>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT id, "userId" AS user_id, name, description, "tokenSymbol" AS token_symbol, "tokenName" AS token_name,
               quantity AS "quantity: Decimal", "averagePrice" AS "average_price: Decimal",
               "profitTargets" AS "profit_targets: Stored", status::text AS "status!",
               "createdAt" AS "created_at: Timestamp", "updatedAt" AS "updated_at: Timestamp"
        FROM "TheoreticalStrategy"
        WHERE "userId" = $1 AND ($2::text IS NULL OR id = $2)
        ORDER BY "createdAt" DESC, id
        "#,
        user.as_str(),
        id.map(Id::as_str)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(TheoreticalStrategy::from).collect())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<TheoreticalStrategy>,
    new: &NewTheoreticalStrategy,
) -> sqlx::Result<()> {
    let row = json!({"status": new.status.unwrap_or(PlanStatus::Active)});
    sqlx::query!(
        r#"
        INSERT INTO "TheoreticalStrategy" (id, "userId", name, description, "tokenSymbol", "tokenName", quantity,
                                           "averagePrice", "profitTargets", status, "updatedAt")
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, status, now() AT TIME ZONE 'UTC'
        FROM jsonb_populate_record(NULL::"TheoreticalStrategy", $10)
        "#,
        id.as_str(),
        user.as_str(),
        new.name.as_str(),
        new.description.as_ref().map(Notes::as_str),
        new.token_symbol.as_str(),
        new.token_name.as_str(),
        new.quantity.get() as &Decimal,
        new.average_price.get() as &Decimal,
        Json(&new.profit_targets) as Json<&ProfitTargets>,
        Json(row) as Json<Value>
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there was one to update.
pub(super) async fn update(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<TheoreticalStrategy>,
    update: &TheoreticalStrategyUpdate,
) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        r#"
        UPDATE "TheoreticalStrategy" SET
            name = coalesce($3, name),
            description = CASE WHEN $4 THEN $5 ELSE description END,
            quantity = coalesce($6, quantity),
            "averagePrice" = coalesce($7, "averagePrice"),
            "profitTargets" = coalesce($8, "profitTargets"),
            status = coalesce((jsonb_populate_record(NULL::"TheoreticalStrategy", jsonb_build_object('status', $9::text))).status, status),
            "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE id = $2 AND "userId" = $1
        "#,
        user.as_str(),
        id.as_str(),
        update.name.as_ref().map(Name::as_str),
        update.description.is_made(),
        update.description.value().map(Notes::as_str),
        update.quantity.as_ref().map(Amount::get) as Option<&Decimal>,
        update.average_price.as_ref().map(Amount::get) as Option<&Decimal>,
        update.profit_targets.as_ref().map(Json) as Option<Json<&ProfitTargets>>,
        update.status.map(PlanStatus::as_str)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Whether there was one to delete.
pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<TheoreticalStrategy>,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query!(
        r#"DELETE FROM "TheoreticalStrategy" WHERE id = $2 AND "userId" = $1"#,
        user.as_str(),
        id.as_str()
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

impl From<Row> for TheoreticalStrategy {
    fn from(row: Row) -> Self {
        let targets = ProfitTargets::read(row.profit_targets.as_raw().get());
        let total_invested = &row.quantity * &row.average_price;
        let profit = |target: &ProfitTarget| {
            let sold = &row.quantity * &target.sell_percentage().hundredth();
            &sold * &(&target.price(&row.average_price) - &row.average_price)
        };
        let expected_profit: Decimal = targets.iter().map(profit).sum();
        Self {
            return_percentage: expected_profit.percent_of(&total_invested),
            number_of_targets: targets.count(),
            total_invested,
            expected_profit,
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            description: row.description,
            token_symbol: row.token_symbol,
            token_name: row.token_name,
            quantity: row.quantity,
            average_price: row.average_price,
            profit_targets: row.profit_targets,
            status: row.status,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
