//! The table `Forecast`.

use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{AppliedStrategies, Forecast, ForecastUpdate, NewForecast, Summary};
use crate::auth::UserId;
use crate::field::{Name, Notes};
use crate::id::Id;
use crate::json::Stored;
use crate::portfolios::Portfolio;
use crate::request::Page;
use crate::timestamp::Timestamp;

struct Row {
    id: String,
    name: String,
    portfolio_id: String,
    portfolio_name: String,
    created_at: Timestamp,
    summary: Stored,
    applied_strategies: Stored,
    notes: Option<String>,
}

/// The user's forecasts, newest first.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<Forecast>> {
    select(pool, user, None, None).await
}

/// A page of them.
pub(super) async fn page(pool: &PgPool, user: &UserId, page: Page) -> sqlx::Result<Vec<Forecast>> {
    select(pool, user, None, Some(page)).await
}

/// How many there are.
pub(super) async fn count(pool: &PgPool, user: &UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "total!" FROM "Forecast" WHERE "userId" = $1"#, user.as_str())
        .fetch_one(pool)
        .await
}

pub(super) async fn find(pool: &PgPool, user: &UserId, id: &Id<Forecast>) -> sqlx::Result<Option<Forecast>> {
    select(pool, user, Some(id), None).await.map(|mut found| found.pop())
}

/// Nothing in the database ties a forecast's portfolio to its user, so the join does: a forecast that names
/// somebody else's portfolio must not tell its name.
async fn select(
    pool: &PgPool,
    user: &UserId,
    id: Option<&Id<Forecast>>,
    page: Option<Page>,
) -> sqlx::Result<Vec<Forecast>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT f.id, f.name, f."portfolioId" AS portfolio_id, coalesce(p.name, '') AS "portfolio_name!",
               f."createdAt" AS "created_at: Timestamp", f.summary AS "summary: Stored",
               f."appliedStrategies" AS "applied_strategies: Stored", f.notes
        FROM "Forecast" f
        LEFT JOIN "Portfolio" p ON p.id = f."portfolioId" AND p."userId" = f."userId"
        WHERE f."userId" = $1 AND ($2::text IS NULL OR f.id = $2)
        ORDER BY f."createdAt" DESC, f.id
        LIMIT $3 OFFSET $4
        "#,
        user.as_str(),
        id.map(Id::as_str),
        page.map(Page::limit),
        page.map(Page::offset)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Forecast::from).collect())
}

/// The portfolio that a forecast of the user names.
pub(super) async fn portfolio_of(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Forecast>,
) -> sqlx::Result<Option<Id<Portfolio>>> {
    let portfolio = sqlx::query_scalar!(
        r#"SELECT "portfolioId" FROM "Forecast" WHERE id = $2 AND "userId" = $1"#,
        user.as_str(),
        id.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(portfolio.and_then(|id| Id::new(id).ok()))
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Forecast>,
    new: &NewForecast,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "Forecast" (id, "userId", "portfolioId", name, "appliedStrategies", summary, notes, "updatedAt")
        VALUES ($1, $2, $3, $4, $5, '{}', $6, now() AT TIME ZONE 'UTC')
        "#,
        id.as_str(),
        user.as_str(),
        new.portfolio_id.as_str(),
        new.name.as_str(),
        Json(&new.applied_strategies) as Json<&AppliedStrategies>,
        new.notes.as_ref().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Forecast>,
    update: &ForecastUpdate,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        UPDATE "Forecast" SET
            "portfolioId" = coalesce($3, "portfolioId"),
            name = coalesce($4, name),
            "appliedStrategies" = coalesce($5, "appliedStrategies"),
            notes = CASE WHEN $6 THEN $7 ELSE notes END,
            "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE id = $2 AND "userId" = $1
        "#,
        user.as_str(),
        id.as_str(),
        update.portfolio_id.as_ref().map(Id::as_str),
        update.name.as_ref().map(Name::as_str),
        update.applied_strategies.as_ref().map(Json) as Option<Json<&AppliedStrategies>>,
        update.notes.is_made(),
        update.notes.value().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there was one to delete.
pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Forecast>,
) -> sqlx::Result<bool> {
    let deleted =
        sqlx::query!(r#"DELETE FROM "Forecast" WHERE id = $2 AND "userId" = $1"#, user.as_str(), id.as_str())
            .execute(connection)
            .await?;
    Ok(deleted.rows_affected() > 0)
}

/// A strategy is gone: the user's forecasts keep the holdings that it was applied to.
pub async fn forget_strategy(
    connection: &mut PgConnection,
    user: &UserId,
    strategy: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        UPDATE "Forecast" f SET "appliedStrategies" = (
            SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.value = $2 THEN 'none' ELSE e.value END), '{}')
            FROM jsonb_each_text(f."appliedStrategies") e
        )
        WHERE f."userId" = $1 AND jsonb_typeof(f."appliedStrategies") = 'object'
          AND EXISTS (
              SELECT FROM jsonb_each_text(f."appliedStrategies") e WHERE e.value = $2
          )
        "#,
        user.as_str(),
        strategy
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl From<Row> for Forecast {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            portfolio_id: row.portfolio_id,
            portfolio_name: row.portfolio_name,
            created_at: row.created_at,
            summary: Summary::read(row.summary.as_raw()),
            applied_strategies: row.applied_strategies,
            notes: row.notes,
        }
    }
}
