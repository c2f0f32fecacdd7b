//! Rows to insert: the fields are the columns, by name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::decimal::Decimal;
use crate::portfolios::forecasts::Summary;
use crate::timestamp::Timestamp;

/// The rows of a batch of users, by table.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) users: Vec<User>,
    pub(super) portfolios: Vec<Portfolio>,
    pub(super) holdings: Vec<Holding>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) ladders: Vec<Strategy>,
    pub(super) steps: Vec<StrategyStep>,
    pub(super) strategies: Vec<UserStrategy>,
    pub(super) token_configurations: Vec<TokenStrategyConfiguration>,
    pub(super) theoretical_strategies: Vec<TheoreticalStrategy>,
    pub(super) forecasts: Vec<Forecast>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) password: &'static str,
    pub(super) email_verified: bool,
    pub(super) created_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Portfolio {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) name: &'static str,
    pub(super) is_default: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Holding {
    pub(super) id: String,
    pub(super) portfolio_id: String,
    pub(super) token_id: String,
    pub(super) quantity: Decimal,
    pub(super) invested_amount: Decimal,
    pub(super) average_price: Decimal,
    pub(super) current_price: Decimal,
    pub(super) last_updated: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    pub(super) cmc_id: i32,
    pub(super) quantity: Decimal,
    pub(super) amount_invested: Decimal,
    pub(super) average_price: Decimal,
    pub(super) r#type: &'static str,
    #[serde(rename = "transactionDate")]
    pub(super) date: Timestamp,
    pub(super) portfolio_id: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Strategy {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) name: &'static str,
    pub(super) asset: &'static str,
    pub(super) base_qty: Decimal,
    pub(super) ref_price: Decimal,
    pub(super) status: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StrategyStep {
    pub(super) id: String,
    pub(super) strategy_id: String,
    pub(super) target_type: &'static str,
    pub(super) target_pct: Decimal,
    pub(super) sell_pct: Decimal,
    pub(super) target_price: Decimal,
    pub(super) state: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserStrategy {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) portfolio_id: String,
    pub(super) name: &'static str,
    pub(super) status: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenStrategyConfiguration {
    pub(super) id: String,
    pub(super) user_strategy_id: String,
    pub(super) holding_id: String,
    pub(super) is_active: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TheoreticalStrategy {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) name: &'static str,
    pub(super) token_symbol: &'static str,
    pub(super) token_name: &'static str,
    pub(super) quantity: Decimal,
    pub(super) average_price: Decimal,
    pub(super) profit_targets: Value,
    pub(super) status: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Forecast {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) portfolio_id: String,
    pub(super) name: &'static str,
    pub(super) applied_strategies: BTreeMap<String, String>,
    pub(super) summary: Summary,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}
