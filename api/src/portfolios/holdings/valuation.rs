//! What something is worth beside what was paid for it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Holding;
use crate::decimal::Decimal;

/// Value, profit and loss, in dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Valuation {
    /// Quantity times price.
    pub current_value: Decimal,
    /// Value less the amount invested.
    pub profit_loss: Decimal,
    /// Profit or loss in per cent of the amount invested, to four decimals; 0 where nothing was invested.
    pub profit_loss_percentage: Decimal,
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
