//! How seeded users came by their holdings, and how they mean to sell the first: nothing is drawn here, all follows
//! from the holdings.

use time::OffsetDateTime;

use super::catalogue::{CatalogueToken, STRATEGIES};
use super::plan::{TARGETS, after, user_id};
use super::rows::{Rows, Strategy, StrategyStep, Transaction};
use crate::decimal::Decimal;

impl Rows {
    /// A purchase for each holding from the first on, of these tokens, and a strategy for that one.
    pub(super) fn add_trades(
        &mut self,
        number: u32,
        first_holding: usize,
        tokens: &[&'static CatalogueToken],
        joined: OffsetDateTime,
    ) {
        let moment = after(joined, 10);
        let holdings = &self.holdings[first_holding..];
        self.transactions.extend(holdings.iter().zip(tokens).enumerate().map(|(index, (holding, token))| {
            Transaction {
                id: format!("seed-transaction-{number:07}-{}", index + 1),
                user_id: user_id(number),
                symbol: token.symbol,
                name: token.name,
                cmc_id: token.cmc_id,
                quantity: holding.quantity.clone(),
                amount_invested: holding.invested_amount.clone(),
                average_price: holding.average_price.clone(),
                r#type: "BUY",
                date: moment,
                portfolio_id: holding.portfolio_id.clone(),
                created_at: moment,
                updated_at: moment,
            }
        }));
        if let (Some(holding), Some(token)) = (holdings.first(), tokens.first()) {
            let reference_price = holding.average_price.clone();
            let id = format!("seed-ladder-{number:07}");
            self.steps.extend((1..).zip(TARGETS).map(|(order, target)| {
                StrategyStep::new(&id, order, target, &reference_price, after(joined, 25))
            }));
            self.ladders.push(Strategy {
                id,
                user_id: user_id(number),
                name: STRATEGIES[4],
                asset: token.symbol,
                base_qty: holding.quantity.clone(),
                ref_price: reference_price,
                status: "active",
                created_at: after(joined, 25),
                updated_at: after(joined, 25),
            });
        }
    }
}

impl StrategyStep {
    fn new(
        strategy: &str,
        order: usize,
        (gain, share): (u64, u64),
        reference_price: &Decimal,
        moment: crate::timestamp::Timestamp,
    ) -> Self {
        let gain = Decimal::scaled(gain, 0);
        Self {
            id: format!("{strategy}-step-{order}"),
            strategy_id: strategy.to_owned(),
            target_type: "percentage_of_average",
            target_price: reference_price.plus_percent(&gain),
            target_pct: gain,
            sell_pct: Decimal::scaled(share, 0),
            state: "pending",
            created_at: moment,
            updated_at: moment,
        }
    }
}
