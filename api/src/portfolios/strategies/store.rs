//! The table `UserStrategy`.
//!
//! An existing database may hold the status as text or as an enum: it is cast when read, and written by way of a
//! record of the table's own type, which takes either.

use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor, PgPool};

use super::{NewUserStrategy, PortfolioName, UserStrategy, UserStrategyUpdate};
use crate::auth::UserId;
use crate::field::{Name, Notes};
use crate::id::Id;
use crate::timestamp::Timestamp;

struct Row {
    id: String,
    name: String,
    description: Option<String>,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    portfolio_id: String,
    portfolio_name: String,
    token_configs_count: i64,
}

/// The user's strategies, newest first.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<UserStrategy>> {
    select(pool, user, None).await
}

pub(super) async fn find(
    database: impl PgExecutor<'_>,
    user: &UserId,
    id: &Id<UserStrategy>,
) -> sqlx::Result<Option<UserStrategy>> {
    select(database, user, Some(id)).await.map(|mut found| found.pop())
}

/// The portfolio must be the user's too: a row that names somebody else's must not tell its name.
async fn select(
    database: impl PgExecutor<'_>,
    user: &UserId,
    id: Option<&Id<UserStrategy>>,
) -> sqlx::Result<Vec<UserStrategy>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT s.id, s.name, s.description, s.status::text AS "status!",
               s."createdAt" AS "created_at: Timestamp", s."updatedAt" AS "updated_at: Timestamp",
               p.id AS portfolio_id, p.name AS portfolio_name,
               (SELECT count(*) FROM "TokenStrategyConfiguration" c WHERE c."userStrategyId" = s.id)
                   AS "token_configs_count!"
        FROM "UserStrategy" s
        JOIN "Portfolio" p ON p.id = s."portfolioId" AND p."userId" = s."userId"
        WHERE s."userId" = $1 AND ($2::text IS NULL OR s.id = $2)
        ORDER BY s."createdAt" DESC, s.id
        "#,
        user.as_str(),
        id.map(Id::as_str)
    )
    .fetch_all(database)
    .await?;
    Ok(rows.into_iter().map(UserStrategy::from).collect())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<UserStrategy>,
    new: &NewUserStrategy,
) -> sqlx::Result<()> {
    let row = json!({
        "id": id,
        "userId": user.as_str(),
        "portfolioId": new.portfolio_id,
        "name": new.name,
        "description": new.description,
        "status": new.status,
    });
    sqlx::query!(
        r#"
        INSERT INTO "UserStrategy" (id, "userId", "portfolioId", name, description, status, "updatedAt")
        SELECT id, "userId", "portfolioId", name, description, status, now() AT TIME ZONE 'UTC'
        FROM jsonb_populate_record(NULL::"UserStrategy", $1)
        "#,
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
    id: &Id<UserStrategy>,
    update: &UserStrategyUpdate,
) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        r#"
        UPDATE "UserStrategy" s SET
            name = coalesce($3, s.name),
            description = CASE WHEN $4 THEN $5 ELSE s.description END,
            status = coalesce((jsonb_populate_record(NULL::"UserStrategy", jsonb_build_object('status', $6::text))).status, s.status),
            "updatedAt" = now() AT TIME ZONE 'UTC'
        FROM "Portfolio" p
        WHERE s.id = $2 AND s."userId" = $1 AND p.id = s."portfolioId" AND p."userId" = s."userId"
        "#,
        user.as_str(),
        id.as_str(),
        update.name.as_ref().map(Name::as_str),
        update.description.is_made(),
        update.description.value().map(Notes::as_str),
        update.status.map(super::PlanStatus::as_str)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Whether there was one to delete.
pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<UserStrategy>,
) -> sqlx::Result<bool> {
    sqlx::query!(
        r#"
        DELETE FROM "TokenStrategyConfiguration" c USING "UserStrategy" s
        WHERE s.id = c."userStrategyId" AND s.id = $2 AND s."userId" = $1
        "#,
        user.as_str(),
        id.as_str()
    )
    .execute(&mut *connection)
    .await?;
    let deleted = sqlx::query!(
        r#"DELETE FROM "UserStrategy" WHERE id = $2 AND "userId" = $1"#,
        user.as_str(),
        id.as_str()
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

impl From<Row> for UserStrategy {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            created_at: row.created_at,
            updated_at: row.updated_at,
            portfolio: PortfolioName { id: row.portfolio_id, name: row.portfolio_name },
            token_configs_count: row.token_configs_count,
        }
    }
}
