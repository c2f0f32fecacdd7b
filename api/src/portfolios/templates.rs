//! Templates that every user sees: public, and read by everybody far more often than they change.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

use crate::cache::{Document, Key};
use crate::id::Kind;
use crate::json::Stored;
use crate::problem::Problem;
use crate::request::Kept;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// A kind of strategy to begin with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrategyTemplate {
    id: String,
    name: String,
    description: Option<String>,
    r#type: String,
    is_default: bool,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Rules for taking profits to begin with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfitTakingTemplate {
    id: String,
    name: String,
    description: Option<String>,
    rules: Stored,
    is_default: bool,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Kind for StrategyTemplate {
    const NAME: &'static str = "Strategy template";
    const PARAMETER: &'static str = "templateId";
}

impl Kind for ProfitTakingTemplate {
    const NAME: &'static str = "Profit taking template";
    const PARAMETER: &'static str = "templateId";
}

/// `GET /portfolios/templates/strategies`
pub async fn strategies(State(state): State<AppState>) -> Result<Kept<Vec<StrategyTemplate>>, Problem> {
    let load = async |state: AppState| Ok(strategy_templates(state.database.reads()).await?);
    state.kept(Key::public(Document::StrategyTemplates), load).await
}

/// `GET /portfolios/templates/profit-taking`
pub async fn profit_taking(
    State(state): State<AppState>,
) -> Result<Kept<Vec<ProfitTakingTemplate>>, Problem> {
    let load = async |state: AppState| Ok(profit_taking_templates(state.database.reads()).await?);
    state.kept(Key::public(Document::ProfitTakingTemplates), load).await
}

async fn strategy_templates(pool: &PgPool) -> sqlx::Result<Vec<StrategyTemplate>> {
    sqlx::query_as!(
        StrategyTemplate,
        r#"
        SELECT id, name, description, type::text AS "type!", "isDefault" AS is_default, "isActive" AS is_active,
               "createdAt" AS "created_at: Timestamp", "updatedAt" AS "updated_at: Timestamp"
        FROM "StrategyTemplate" WHERE "isActive" ORDER BY "isDefault" DESC, name, id
        "#
    )
    .fetch_all(pool)
    .await
}

async fn profit_taking_templates(pool: &PgPool) -> sqlx::Result<Vec<ProfitTakingTemplate>> {
    sqlx::query_as!(
        ProfitTakingTemplate,
        r#"
        SELECT id, name, description, rules AS "rules: Stored", "isDefault" AS is_default, "isActive" AS is_active,
               "createdAt" AS "created_at: Timestamp", "updatedAt" AS "updated_at: Timestamp"
        FROM "ProfitTakingTemplate" WHERE "isActive" ORDER BY "isDefault" DESC, name, id
        "#
    )
    .fetch_all(pool)
    .await
}
