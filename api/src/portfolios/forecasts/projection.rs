//! What holdings bring if they are sold at their strategies' targets.

use super::Summary;
use crate::decimal::Decimal;
use crate::portfolios::theoretical_strategies::{ProfitTarget, TargetType};

/// Decimals of the results, as the columns hold them.
const SCALE: i64 = 18;

/// So much of a token, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) quantity: Decimal,
    pub(super) invested_amount: Decimal,
    pub(super) average_price: Decimal,
    pub(super) current_price: Option<Decimal>,
}

/// Sell so many per cent of the quantity at this price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) price: TargetPrice,
    pub(super) share: Decimal,
}

/// When a target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetPrice {
    /// At a gain over the average price, in per cent.
    Gain(Decimal),
    /// At a price.
    Exact(Decimal),
}

#[derive(Default)]
struct Totals {
    invested: Decimal,
    collected: Decimal,
    remaining: Decimal,
    with_strategy: u32,
}

/// The forecast of positions, each with its strategy's targets or without a strategy.
pub(super) fn summarize<'a>(
    positions: impl Iterator<Item = (&'a Position, Option<&'a [Target]>)>,
) -> Summary {
    let mut totals = Totals::default();
    for (position, targets) in positions {
        match targets {
            Some(targets) => totals.sell(position, targets),
            None => totals.keep(position),
        }
    }
    totals.into()
}

impl Totals {
    /// Invested: quantity x average price. Collected: sum of what is sold times its target. Remaining: what is left,
    /// at the current price.
    fn sell(&mut self, position: &Position, targets: &[Target]) {
        let mut left = position.quantity.clone();
        for target in targets {
            let sold = &position.quantity * &target.share.hundredth();
            self.collected = &self.collected + &(&sold * &target.price.over(&position.average_price));
            left = &left - &sold;
        }
        let price = position.current_price.as_ref().unwrap_or(&position.average_price);
        self.invested = &self.invested + &(&position.quantity * &position.average_price);
        self.remaining = &self.remaining + &(&left * price);
        self.with_strategy += 1;
    }

    /// What was invested counts as both invested and remaining.
    fn keep(&mut self, position: &Position) {
        let invested = match &position.invested_amount {
            amount if *amount == Decimal::zero() => &position.quantity * &position.average_price,
            amount => amount.clone(),
        };
        self.invested = &self.invested + &invested;
        self.remaining = &self.remaining + &invested;
    }
}

impl TargetPrice {
    fn over(&self, average_price: &Decimal) -> Decimal {
        match self {
            Self::Gain(percent) => average_price.plus_percent(percent),
            Self::Exact(price) => price.clone(),
        }
    }
}

impl From<&ProfitTarget> for Target {
    fn from(target: &ProfitTarget) -> Self {
        let value = target.value().clone();
        let price = match target.kind() {
            TargetType::Percentage => TargetPrice::Gain(value),
            TargetType::Price => TargetPrice::Exact(value),
        };
        Self { price, share: target.sell_percentage().clone() }
    }
}

impl From<Totals> for Summary {
    fn from(totals: Totals) -> Self {
        let profit = &(&totals.collected + &totals.remaining) - &totals.invested;
        Self {
            return_percentage: profit.percent_of(&totals.invested),
            total_invested: totals.invested.rounded(SCALE),
            total_collected: totals.collected.rounded(SCALE),
            total_profit: profit.rounded(SCALE),
            remaining_tokens_value: totals.remaining.rounded(SCALE),
            token_count: Decimal::whole(totals.with_strategy.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn position(quantity: &str, invested: &str, average: &str, current: Option<&str>) -> Position {
        Position {
            quantity: d(quantity),
            invested_amount: d(invested),
            average_price: d(average),
            current_price: current.map(d),
        }
    }

    fn json(summary: &Summary) -> String {
        serde_json::to_string(summary).unwrap()
    }

    /// Ten bought at 100: half sold at 150, a tenth at 200; four are left at 120.
    #[test]
    fn sells_at_the_targets_and_keeps_the_rest_at_the_current_price() {
        let targets = [
            Target { price: TargetPrice::Gain(d("50")), share: d("50") },
            Target { price: TargetPrice::Exact(d("200")), share: d("10") },
        ];
        let held = position("10", "900", "100", Some("120"));
        assert_eq!(
            json(&summarize([(&held, Some(&targets[..]))].into_iter())),
            concat!(
                r#"{"totalInvested":1000,"totalCollected":950,"totalProfit":430,"returnPercentage":43,"#,
                r#""remainingTokensValue":480,"tokenCount":1}"#
            )
        );
    }

    #[test]
    fn without_a_strategy_what_was_invested_stays() {
        let (paid, given) = (position("10", "900", "100", Some("120")), position("2", "0", "5", None));
        assert_eq!(
            json(&summarize([(&paid, None), (&given, None)].into_iter())),
            concat!(
                r#"{"totalInvested":910,"totalCollected":0,"totalProfit":0,"returnPercentage":0,"#,
                r#""remainingTokensValue":910,"tokenCount":0}"#
            )
        );
    }

    #[test]
    fn without_a_current_price_the_average_price_counts() {
        let held = position("3", "30", "10", None);
        let summary = summarize([(&held, Some(&[][..]))].into_iter());
        assert_eq!(summary.remaining_tokens_value, d("30"));
        assert_eq!(summary.total_profit, Decimal::zero());
    }
}
