//! A user's portfolios, and what hangs on them.

pub mod forecasts;
pub mod holdings;
mod portfolio_id;
pub mod strategies;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sqlx::PgPool;

pub use portfolio_id::PortfolioId;

use crate::auth::UserId;
use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// One line of the list of portfolios.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Portfolio {
    id: String,
    name: String,
    description: Option<String>,
    is_default: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    holdings_count: i64,
}

/// `GET /portfolios`
pub async fn get(State(state): State<AppState>, user: UserId) -> Result<Json<Vec<Portfolio>>, Problem> {
    Ok(Json(list(state.database.reads(), &user).await?))
}

/// The user's portfolios: the default one first, then the newest.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<Portfolio>> {
    sqlx::query_as!(
        Portfolio,
        r#"
        SELECT p.id, p.name, p.description, p."isDefault" AS is_default,
               p."createdAt" AS "created_at: Timestamp", p."updatedAt" AS "updated_at: Timestamp",
               (SELECT count(*) FROM "Holding" h WHERE h."portfolioId" = p.id) AS "holdings_count!"
        FROM "Portfolio" p
        WHERE p."userId" = $1
        ORDER BY p."isDefault" DESC, p."createdAt" DESC, p.id
        "#,
        user.as_str()
    )
    .fetch_all(pool)
    .await
}
