//! A user's forecasts: what a portfolio would bring if its strategies ran.

mod summary;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgPool;

pub use summary::Summary;

use crate::auth::UserId;
use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// One line of the list of forecasts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    id: String,
    name: String,
    portfolio_id: String,
    /// Empty where the portfolio is gone or is not the user's.
    portfolio_name: String,
    created_at: Timestamp,
    summary: Summary,
    /// Strategy by holding, `"none"` where there is none; handed on as stored.
    applied_strategies: Box<RawValue>,
    notes: Option<String>,
}

/// A JSON column, unparsed: its numbers never become floats.
type Stored = sqlx::types::Json<Box<RawValue>>;

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

/// `GET /portfolios/forecasts`
pub async fn get(State(state): State<AppState>, user: UserId) -> Result<Json<Vec<Forecast>>, Problem> {
    Ok(Json(list(state.database.reads(), &user).await?))
}

/// The user's forecasts, newest first.
///
/// Nothing in the database ties a forecast's portfolio to its user, so the join does: a forecast that names
/// somebody else's portfolio must not tell its name.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<Forecast>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT f.id, f.name, f."portfolioId" AS portfolio_id, coalesce(p.name, '') AS "portfolio_name!",
               f."createdAt" AS "created_at: Timestamp", f.summary AS "summary: Stored",
               f."appliedStrategies" AS "applied_strategies: Stored", f.notes
        FROM "Forecast" f
        LEFT JOIN "Portfolio" p ON p.id = f."portfolioId" AND p."userId" = f."userId"
        WHERE f."userId" = $1
        ORDER BY f."createdAt" DESC, f.id
        "#,
        user.as_str()
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Forecast::from).collect())
}

impl From<Row> for Forecast {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            portfolio_id: row.portfolio_id,
            portfolio_name: row.portfolio_name,
            created_at: row.created_at,
            summary: Summary::read(&row.summary.0),
            applied_strategies: row.applied_strategies.0,
            notes: row.notes,
        }
    }
}
