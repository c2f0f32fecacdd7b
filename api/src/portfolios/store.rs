//! The table `Portfolio`.

use sqlx::{PgConnection, PgExecutor, PgPool};

use super::{NewPortfolio, Portfolio, PortfolioUpdate};
use crate::auth::UserId;
use crate::field::{Name, Notes};
use crate::id::Id;
use crate::timestamp::Timestamp;

/// The user's portfolios: the default one first, then the newest.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<Portfolio>> {
    select(pool, user, None).await
}

pub(super) async fn find(
    pool: &PgPool,
    user: &UserId,
    id: &Id<Portfolio>,
) -> sqlx::Result<Option<Portfolio>> {
    select(pool, user, Some(id)).await.map(|mut found| found.pop())
}

async fn select(pool: &PgPool, user: &UserId, id: Option<&Id<Portfolio>>) -> sqlx::Result<Vec<Portfolio>> {
    sqlx::query_as!(
        Portfolio,
        r#"
        SELECT p.id, p.name, p.description, p."isDefault" AS is_default,
               p."createdAt" AS "created_at: Timestamp", p."updatedAt" AS "updated_at: Timestamp",
               (SELECT count(*) FROM "Holding" h WHERE h."portfolioId" = p.id) AS "holdings_count!"
        FROM "Portfolio" p
        WHERE p."userId" = $1 AND ($2::text IS NULL OR p.id = $2)
        ORDER BY p."isDefault" DESC, p."createdAt" DESC, p.id
        "#,
        user.as_str(),
        id.map(Id::as_str)
    )
    .fetch_all(pool)
    .await
}

/// Whether the portfolio is the user's. Who asks within a write may rely on it until that ends.
pub async fn owns(database: impl PgExecutor<'_>, user: &UserId, id: &Id<Portfolio>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM "Portfolio" WHERE id = $1 AND "userId" = $2) AS "owns!""#,
        id.as_str(),
        user.as_str()
    )
    .fetch_one(database)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Portfolio>,
    new: &NewPortfolio,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO "Portfolio" (id, "userId", name, description, "isDefault", "updatedAt")
        VALUES ($1, $2, $3, $4, NOT EXISTS (SELECT FROM "Portfolio" WHERE "userId" = $2), now() AT TIME ZONE 'UTC')
        "#,
        id.as_str(),
        user.as_str(),
        new.name.as_str(),
        new.description.as_ref().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The first of the user's portfolios: the default one, where there is none the newest.
pub async fn first(connection: &mut PgConnection, user: &UserId) -> sqlx::Result<Option<Id<Portfolio>>> {
    let id = sqlx::query_scalar!(
        r#"SELECT id FROM "Portfolio" WHERE "userId" = $1 ORDER BY "isDefault" DESC, "createdAt" DESC, id LIMIT 1"#,
        user.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.and_then(|id| Id::new(id).ok()))
}

pub(super) async fn is_default(connection: &mut PgConnection, id: &Id<Portfolio>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM "Portfolio" WHERE id = $1 AND "isDefault") AS "is_default!""#,
        id.as_str()
    )
    .fetch_one(connection)
    .await
}

/// Makes this portfolio the default, and no other.
pub(super) async fn make_default(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Portfolio>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        UPDATE "Portfolio" SET "isDefault" = (id = $2), "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE "userId" = $1 AND "isDefault" <> (id = $2)
        "#,
        user.as_str(),
        id.as_str()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there was one to update.
pub(super) async fn update(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Portfolio>,
    update: &PortfolioUpdate,
) -> sqlx::Result<bool> {
    let updated = sqlx::query!(
        r#"
        UPDATE "Portfolio" SET
            name = coalesce($3, name),
            description = CASE WHEN $4 THEN $5 ELSE description END,
            "updatedAt" = now() AT TIME ZONE 'UTC'
        WHERE id = $2 AND "userId" = $1
        "#,
        user.as_str(),
        id.as_str(),
        update.name.as_ref().map(Name::as_str),
        update.description.is_made(),
        update.description.value().map(Notes::as_str)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Whether there was one to delete. Nothing in the database ties forecasts to their portfolio, so they are deleted
/// by name; strategies and holdings go by themselves in databases that we made, and by name in existing ones.
pub(super) async fn delete(
    connection: &mut PgConnection,
    user: &UserId,
    id: &Id<Portfolio>,
) -> sqlx::Result<bool> {
    let owned = sqlx::query_scalar!(
        r#"SELECT id FROM "Portfolio" WHERE id = $1 AND "userId" = $2 FOR UPDATE"#,
        id.as_str(),
        user.as_str()
    )
    .fetch_optional(&mut *connection)
    .await?;
    if owned.is_none() {
        return Ok(false);
    }
    sqlx::query!(
        r#"DELETE FROM "Forecast" WHERE "portfolioId" = $1 AND "userId" = $2"#,
        id.as_str(),
        user.as_str()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM "TokenStrategyConfiguration" c USING "Holding" h
        WHERE h.id = c."holdingId" AND h."portfolioId" = $1
        "#,
        id.as_str()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(r#"DELETE FROM "UserStrategy" WHERE "portfolioId" = $1"#, id.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(r#"DELETE FROM "Holding" WHERE "portfolioId" = $1"#, id.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(r#"UPDATE "Transaction" SET "portfolioId" = NULL WHERE "portfolioId" = $1"#, id.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(r#"DELETE FROM "Portfolio" WHERE id = $1"#, id.as_str()).execute(connection).await?;
    Ok(true)
}
