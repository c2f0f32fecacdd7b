//! What a strategy does with each holding: a template, or rules of its own. Loaded lazily: the list of strategies
//! only counts them.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::types::Json as JsonColumn;
use sqlx::{PgConnection, PgPool};

use super::custom_rules::CustomRules;
use super::{UserStrategy, store};
use crate::auth::UserId;
use crate::decimal::Decimal;
use crate::id::{Id, Kind};
use crate::json::Stored;
use crate::portfolios::holdings::Holding;
use crate::portfolios::templates::{ProfitTakingTemplate, StrategyTemplate};
use crate::problem::Problem;
use crate::request::{Body, Created};
use crate::state::AppState;
use crate::timestamp::Timestamp;
use crate::write::Write;

/// One holding's configuration.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenConfig {
    id: String,
    holding_id: String,
    strategy_template_id: Option<String>,
    profit_taking_template_id: Option<String>,
    custom_profit_taking_rules: Option<Stored>,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    holding: ConfiguredHolding,
    #[serde(skip_serializing_if = "Option::is_none")]
    strategy_template: Option<StrategyTemplateName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profit_taking_template: Option<ProfitTakingTemplateRules>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConfiguredHolding {
    id: String,
    quantity: Decimal,
    invested_amount: Decimal,
    average_price: Decimal,
    token: ConfiguredToken,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ConfiguredToken {
    id: String,
    symbol: String,
    name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StrategyTemplateName {
    id: String,
    name: String,
    r#type: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ProfitTakingTemplateRules {
    id: String,
    name: String,
    rules: Stored,
}

/// `POST /portfolios/strategies/{strategyId}/token-configs`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTokenConfig {
    holding_id: Id<Holding>,
    strategy_template_id: Option<Id<StrategyTemplate>>,
    profit_taking_template_id: Option<Id<ProfitTakingTemplate>>,
    custom_profit_taking_rules: Option<CustomRules>,
}

/// `GET /portfolios/strategies/{strategyId}/token-configs`
pub async fn index(
    State(state): State<AppState>,
    user: UserId,
    strategy: Id<UserStrategy>,
) -> Result<Json<Vec<TokenConfig>>, Problem> {
    let pool = state.reads(&user);
    store::find(pool, &user, &strategy).await?.ok_or(Problem::NotFound(UserStrategy::NAME))?;
    Ok(Json(select(pool, &strategy, None).await?))
}

/// `POST /portfolios/strategies/{strategyId}/token-configs`: sets the holding's configuration, whether it had one
/// or not.
pub async fn create(
    State(state): State<AppState>,
    user: UserId,
    strategy: Id<UserStrategy>,
    Body(new): Body<NewTokenConfig>,
) -> Result<Created<TokenConfig>, Problem> {
    let mut write = Write::begin_beside_forecasts(&state, &user).await?;
    store::find(&mut *write, &user, &strategy).await?.ok_or(Problem::NotFound(UserStrategy::NAME))?;
    check(&mut write, &strategy, &new).await?;
    upsert(&mut write, &strategy, &new).await?;
    write.commit().await?;
    let made = select(state.database.primary(), &strategy, Some(&new.holding_id)).await?.pop();
    made.map(Created).ok_or(Problem::NotFound(Holding::NAME))
}

/// The holding must be in the strategy's portfolio, and the templates must be there.
async fn check(
    connection: &mut PgConnection,
    strategy: &Id<UserStrategy>,
    new: &NewTokenConfig,
) -> Result<(), Problem> {
    let found = sqlx::query!(
        r#"
        SELECT EXISTS (
                   SELECT FROM "Holding" h JOIN "UserStrategy" s ON s."portfolioId" = h."portfolioId"
                   WHERE h.id = $2 AND s.id = $1
               ) AS "holding!",
               ($3::text IS NULL OR EXISTS (SELECT FROM "StrategyTemplate" WHERE id = $3)) AS "template!",
               ($4::text IS NULL OR EXISTS (SELECT FROM "ProfitTakingTemplate" WHERE id = $4)) AS "profit_template!"
        "#,
        strategy.as_str(),
        new.holding_id.as_str(),
        new.strategy_template_id.as_ref().map(Id::as_str),
        new.profit_taking_template_id.as_ref().map(Id::as_str)
    )
    .fetch_one(connection)
    .await?;
    match (found.holding, found.template, found.profit_template) {
        (false, ..) => Err(Problem::Forbidden("holding")),
        (_, false, _) => Err(Problem::invalid("strategyTemplateId", "names no template")),
        (.., false) => Err(Problem::invalid("profitTakingTemplateId", "names no template")),
        (true, true, true) => Ok(()),
    }
}

async fn upsert(
    connection: &mut PgConnection,
    strategy: &Id<UserStrategy>,
    new: &NewTokenConfig,
) -> sqlx::Result<()> {
    let id = Id::<TokenConfig>::fresh();
    sqlx::query!(
        r#"
        INSERT INTO "TokenStrategyConfiguration" (id, "userStrategyId", "holdingId", "strategyTemplateId",
                                                  "profitTakingTemplateId", "customProfitTakingRules", "updatedAt")
        VALUES ($1, $2, $3, $4, $5, $6, now() AT TIME ZONE 'UTC')
        ON CONFLICT ("userStrategyId", "holdingId") DO UPDATE SET
            "strategyTemplateId" = excluded."strategyTemplateId",
            "profitTakingTemplateId" = excluded."profitTakingTemplateId",
            "customProfitTakingRules" = excluded."customProfitTakingRules",
            "updatedAt" = excluded."updatedAt"
        "#,
        id.as_str(),
        strategy.as_str(),
        new.holding_id.as_str(),
        new.strategy_template_id.as_ref().map(Id::as_str),
        new.profit_taking_template_id.as_ref().map(Id::as_str),
        new.custom_profit_taking_rules.as_ref().map(|rules| JsonColumn(rules.as_raw())) as Option<JsonColumn<&RawValue>>
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn select(
    pool: &PgPool,
    strategy: &Id<UserStrategy>,
    holding: Option<&Id<Holding>>,
) -> sqlx::Result<Vec<TokenConfig>> {
    sqlx::query!(
        r#"
        SELECT c.id, c."holdingId" AS holding_id, c."strategyTemplateId" AS strategy_template_id,
               c."profitTakingTemplateId" AS profit_taking_template_id,
               c."customProfitTakingRules" AS "rules: Stored", c."isActive" AS is_active,
               c."createdAt" AS "created_at: Timestamp", c."updatedAt" AS "updated_at: Timestamp",
               h.quantity AS "quantity: Decimal", h."investedAmount" AS "invested_amount: Decimal",
               h."averagePrice" AS "average_price: Decimal", t.id AS token_id, t.symbol, t.name AS token_name,
               st.name AS "template_name?", st.type::text AS "template_type?",
               pt.name AS "profit_template_name?", pt.rules AS "profit_template_rules?: Stored"
        FROM "TokenStrategyConfiguration" c
        JOIN "UserStrategy" s ON s.id = c."userStrategyId"
        JOIN "Holding" h ON h.id = c."holdingId" AND h."portfolioId" = s."portfolioId"
        JOIN "Token" t ON t.id = h."tokenId"
        LEFT JOIN "StrategyTemplate" st ON st.id = c."strategyTemplateId"
        LEFT JOIN "ProfitTakingTemplate" pt ON pt.id = c."profitTakingTemplateId"
        WHERE c."userStrategyId" = $1 AND ($2::text IS NULL OR c."holdingId" = $2)
        ORDER BY t.symbol, c.id
        "#,
        strategy.as_str(),
        holding.map(Id::as_str)
    )
    .map(|row| TokenConfig {
        id: row.id,
        strategy_template: row.strategy_template_id.clone().zip(row.template_name).map(|(id, name)| {
            StrategyTemplateName { id, name, r#type: row.template_type.unwrap_or_default() }
        }),
        profit_taking_template: row
            .profit_taking_template_id
            .clone()
            .zip(row.profit_template_name.zip(row.profit_template_rules))
            .map(|(id, (name, rules))| ProfitTakingTemplateRules { id, name, rules }),
        strategy_template_id: row.strategy_template_id,
        profit_taking_template_id: row.profit_taking_template_id,
        custom_profit_taking_rules: row.rules,
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
        holding: ConfiguredHolding {
            id: row.holding_id.clone(),
            quantity: row.quantity,
            invested_amount: row.invested_amount,
            average_price: row.average_price,
            token: ConfiguredToken { id: row.token_id, symbol: row.symbol, name: row.token_name },
        },
        holding_id: row.holding_id,
    })
    .fetch_all(pool)
    .await
}
