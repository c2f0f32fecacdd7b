//! Holdings: so much of a token in a portfolio, with its value and its profit or loss.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sqlx::PgPool;

use super::PortfolioId;
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// A holding as the front end reads it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// Which portfolio it is in; the dashboard tells, the portfolio's own list need not.
    #[serde(skip)]
    pub portfolio_id: String,
    id: String,
    quantity: Decimal,
    invested_amount: Decimal,
    average_price: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_price: Option<Decimal>,
    last_updated: Timestamp,
    token: Token,
    /// What it is worth.
    #[serde(flatten)]
    pub valuation: Valuation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    id: String,
    symbol: String,
    name: String,
    logo_url: Option<String>,
}

/// What something is worth beside what was paid for it, in dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Valuation {
    /// Quantity times price.
    pub current_value: Decimal,
    /// Value less the amount invested.
    pub profit_loss: Decimal,
    /// Profit or loss in per cent of the amount invested, to four decimals; 0 where nothing was invested.
    pub profit_loss_percentage: Decimal,
}

struct Row {
    id: String,
    portfolio_id: String,
    quantity: Decimal,
    invested_amount: Decimal,
    average_price: Decimal,
    current_price: Option<Decimal>,
    last_updated: Timestamp,
    token_id: String,
    symbol: String,
    token_name: String,
    logo_url: Option<String>,
}

/// `GET /portfolios/{id}/holdings`
pub async fn get(
    State(state): State<AppState>,
    user: UserId,
    portfolio: PortfolioId,
) -> Result<Json<Vec<Holding>>, Problem> {
    let pool = state.database.reads();
    let holdings = list(pool, &user, Some(&portfolio)).await?;
    // Holdings prove that the portfolio is the user's; only without any must that be asked.
    if holdings.is_empty() && !owns(pool, &user, &portfolio).await? {
        return Err(Problem::NotFound("Portfolio"));
    }
    Ok(Json(holdings))
}

/// The user's holdings, in one portfolio or in all, by symbol.
pub async fn list(
    pool: &PgPool,
    user: &UserId,
    portfolio: Option<&PortfolioId>,
) -> sqlx::Result<Vec<Holding>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT h.id, h."portfolioId" AS portfolio_id,
               h.quantity AS "quantity: Decimal", h."investedAmount" AS "invested_amount: Decimal",
               h."averagePrice" AS "average_price: Decimal", h."currentPrice" AS "current_price: Decimal",
               h."lastUpdated" AS "last_updated: Timestamp",
               t.id AS token_id, t.symbol, t.name AS token_name, t."logoUrl" AS logo_url
        FROM "Portfolio" p
        JOIN "Holding" h ON h."portfolioId" = p.id
        JOIN "Token" t ON t.id = h."tokenId"
        WHERE p."userId" = $1 AND ($2::text IS NULL OR p.id = $2)
        ORDER BY t.symbol, h.id
        "#,
        user.as_str(),
        portfolio.map(PortfolioId::as_str)
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Holding::from).collect())
}

async fn owns(pool: &PgPool, user: &UserId, portfolio: &PortfolioId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM "Portfolio" WHERE id = $1 AND "userId" = $2) AS "owns!""#,
        portfolio.as_str(),
        user.as_str()
    )
    .fetch_one(pool)
    .await
}

impl Valuation {
    /// A value beside what was invested to have it.
    pub fn new(current_value: Decimal, invested: &Decimal) -> Self {
        let profit_loss = &current_value - invested;
        let profit_loss_percentage = profit_loss.percent_of(invested);
        Self { current_value, profit_loss, profit_loss_percentage }
    }

    /// All holdings together, and what was invested in them.
    pub fn of_all(holdings: &[Holding]) -> (Self, Decimal) {
        let invested = holdings.iter().map(|holding| &holding.invested_amount).sum();
        let value = holdings.iter().map(|holding| &holding.valuation.current_value).sum();
        (Self::new(value, &invested), invested)
    }
}

impl From<Row> for Holding {
    fn from(row: Row) -> Self {
        let price = row.current_price.as_ref().unwrap_or(&row.average_price);
        Self {
            valuation: Valuation::new(&row.quantity * price, &row.invested_amount),
            portfolio_id: row.portfolio_id,
            id: row.id,
            quantity: row.quantity,
            invested_amount: row.invested_amount,
            average_price: row.average_price,
            current_price: row.current_price,
            last_updated: row.last_updated,
            token: Token {
                id: row.token_id,
                symbol: row.symbol,
                name: row.token_name,
                logo_url: row.logo_url,
            },
        }
    }
}
