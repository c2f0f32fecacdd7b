//! The table `ForecastDue`: whose forecasts are to be computed anew. A mark is made in the transaction that makes it
//! so and taken away in the one that computes, so neither a crash nor another holder of the lease loses any.

use sqlx::PgConnection;

use crate::auth::UserId;

/// Why a user's forecasts are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The user wrote something, and looks.
    Written,
    /// A price is another.
    Priced,
}

/// The user writes something that their forecasts rest on. It locks, too, and for that it is the first thing that a
/// write does: until its transaction ends the user's other writes wait, and their forecasts are not computed. Whether
/// there is such a user.
pub async fn mark(connection: &mut PgConnection, user: &UserId) -> sqlx::Result<bool> {
    let marked = sqlx::query!(
        r#"
        WITH locked AS (SELECT id FROM "User" WHERE id = $1 FOR NO KEY UPDATE)
        INSERT INTO "ForecastDue" ("userId", "isWritten") SELECT id, true FROM locked
        ON CONFLICT ("userId") DO UPDATE SET "isWritten" = true
        "#,
        user.as_str()
    )
    .execute(connection)
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// Marks whoever has a forecast and holds a token whose price is half a per cent or more from the one that forecasts
/// were computed with: from now on that is today's. A smaller change is left for later, since every change of a price
/// that many hold means as many computations. How many users were marked.
pub async fn mark_holders(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let marked = sqlx::query!(
        r#"
        WITH moved AS (
            UPDATE "TokenPrice" SET "forecastPrice" = price
            WHERE "forecastPrice" IS NULL OR abs(price - "forecastPrice") >= "forecastPrice" * 0.005
            RETURNING "tokenId"
        )
        INSERT INTO "ForecastDue" ("userId", "isWritten")
        SELECT DISTINCT p."userId", false
        FROM moved m JOIN "Holding" h ON h."tokenId" = m."tokenId" JOIN "Portfolio" p ON p.id = h."portfolioId"
        WHERE EXISTS (SELECT FROM "Forecast" f WHERE f."userId" = p."userId")
        ON CONFLICT DO NOTHING
        "#
    )
    .execute(connection)
    .await?;
    Ok(marked.rows_affected())
}

/// Takes away the oldest marks, whose users' forecasts the caller computes in the same transaction. Who is writing
/// just now has a turn when that is done.
pub async fn take(connection: &mut PgConnection, reason: Reason, at_most: u32) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        DELETE FROM "ForecastDue" WHERE "userId" = ANY(ARRAY(
            SELECT "userId" FROM "ForecastDue" WHERE "isWritten" = $1
            ORDER BY since LIMIT $2 FOR UPDATE SKIP LOCKED
        ))
        RETURNING "userId"
        "#,
        reason == Reason::Written,
        i64::from(at_most)
    )
    .fetch_all(connection)
    .await
}
