//! A user's strategies on their portfolios.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sqlx::PgPool;

use crate::auth::UserId;
use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// One line of the list of strategies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    id: String,
    name: String,
    description: Option<String>,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    portfolio: PortfolioName,
    token_configs_count: i64,
}

#[derive(Debug, Serialize)]
struct PortfolioName {
    id: String,
    name: String,
}

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

/// `GET /portfolios/strategies`
pub async fn get(State(state): State<AppState>, user: UserId) -> Result<Json<Vec<Strategy>>, Problem> {
    Ok(Json(list(state.database.reads(), &user).await?))
}

/// The user's strategies, newest first.
///
/// The portfolio must be the user's too: a row that names somebody else's must not tell its name. The status is
/// cast so that an existing database may hold it as text or as an enum.
pub async fn list(pool: &PgPool, user: &UserId) -> sqlx::Result<Vec<Strategy>> {
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
        WHERE s."userId" = $1
        ORDER BY s."createdAt" DESC, s.id
        "#,
        user.as_str()
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Strategy::from).collect())
}

impl From<Row> for Strategy {
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
