//! Who user number N is: a few portfolios, 3 to 12 holdings and their purchases, strategies on them and forecasts. The number decides
//! all of it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::catalogue::{CatalogueToken, FORECASTS, PORTFOLIOS, STRATEGIES, TOKENS};
use super::chance::Chance;
use super::rows::{
    Forecast, Holding, Portfolio, Rows, TheoreticalStrategy, TokenStrategyConfiguration, User, UserStrategy,
};
use crate::decimal::Decimal;
use crate::portfolios::forecasts::Summary;
use crate::timestamp::Timestamp;

/// 6 January 2025: the first seeded user's earliest day.
const EPOCH_S: u64 = 1_736_121_600;
/// Seeded users come over these days.
const DAYS: u64 = 300;
/// No password hashes to this.
const NO_PASSWORD: &str = "!";
/// The targets of every seeded strategy: gain in per cent, share sold in per cent.
pub(super) const TARGETS: [(u64, u64); 3] = [(50, 25), (100, 25), (200, 25)];

/// Token ids of the database by symbol: it may have had a token before us, under its own id.
pub(super) type TokenIds = BTreeMap<String, String>;

pub(super) fn user_id(number: u32) -> String {
    format!("seed-user-{number:07}")
}

pub(super) fn email(number: u32) -> String {
    format!("user-{number:07}@seed.invalid")
}

pub(super) fn portfolio_id(number: u32, index: usize) -> String {
    format!("seed-portfolio-{number:07}-{index}")
}

/// The rows of these users.
pub(super) fn users(numbers: RangeInclusive<u32>, token_ids: &TokenIds) -> Rows {
    let mut rows = Rows::default();
    for number in numbers {
        rows.add_user(number, token_ids);
    }
    rows
}

impl Rows {
    fn add_user(&mut self, number: u32, token_ids: &TokenIds) {
        let mut chance = Chance::seeded(number.into());
        let joined = day(&mut chance);
        self.users.push(User {
            id: user_id(number),
            email: email(number),
            password: NO_PASSWORD,
            email_verified: true,
            created_at: joined.into(),
        });
        let portfolios = chance.between(1, 3) as usize;
        self.add_portfolios(number, portfolios, joined, &mut chance);
        let first_holding = self.holdings.len();
        let tokens = self.add_holdings(number, portfolios, joined, token_ids, &mut chance);
        self.add_trades(number, first_holding, &tokens, joined);
        self.add_strategies(number, portfolios, first_holding, joined, &mut chance);
        self.add_forecasts(number, first_holding, tokens[0], joined, &mut chance);
    }

    fn add_portfolios(&mut self, number: u32, count: usize, joined: OffsetDateTime, chance: &mut Chance) {
        let names = chance.choose(&PORTFOLIOS, count);
        self.portfolios.extend((1..=count).zip(names).map(|(index, name)| Portfolio {
            id: portfolio_id(number, index),
            user_id: user_id(number),
            name,
            is_default: index == 1,
            created_at: after(joined, index),
            updated_at: after(joined, index),
        }));
    }

    fn add_holdings(
        &mut self,
        number: u32,
        portfolios: usize,
        joined: OffsetDateTime,
        token_ids: &TokenIds,
        chance: &mut Chance,
    ) -> Vec<&'static CatalogueToken> {
        let count = chance.between(3, 12) as usize;
        let tokens = chance.choose(&TOKENS, count);
        for (index, token) in tokens.iter().enumerate() {
            let average_price = e4(token.price_e4 * chance.between(40, 160) / 100);
            // Between 50 and 5,000 dollars a holding, to eight decimals of the token.
            let quantity = e8(chance.between(50, 5_000) * 1_000_000_000_000 / token.price_e4);
            self.holdings.push(Holding {
                id: format!("seed-holding-{number:07}-{}", index + 1),
                portfolio_id: portfolio_id(number, 1 + index % portfolios),
                token_id: token_ids[token.symbol].clone(),
                invested_amount: &quantity * &average_price,
                quantity,
                average_price,
                current_price: e4(token.price_e4),
                last_updated: after(joined, 10),
            });
        }
        tokens
    }

    fn add_strategies(
        &mut self,
        number: u32,
        portfolios: usize,
        first_holding: usize,
        joined: OffsetDateTime,
        chance: &mut Chance,
    ) {
        let count = chance.between(1, 3) as usize;
        for (index, name) in chance.choose(&STRATEGIES, count).into_iter().enumerate() {
            let id = format!("seed-strategy-{number:07}-{}", index + 1);
            let portfolio_id = portfolio_id(number, 1 + index % portfolios);
            let moment = after(joined, 20 + index);
            let configured =
                self.holdings[first_holding..].iter().filter(|holding| holding.portfolio_id == portfolio_id);
            self.token_configurations.extend(configured.enumerate().map(|(config, holding)| {
                TokenStrategyConfiguration {
                    id: format!("{id}-config-{}", config + 1),
                    user_strategy_id: id.clone(),
                    holding_id: holding.id.clone(),
                    is_active: true,
                    created_at: moment,
                    updated_at: moment,
                }
            }));
            let status = chance.pick(&["draft", "active", "active", "paused", "completed"]);
            self.strategies.push(UserStrategy {
                id,
                user_id: user_id(number),
                portfolio_id,
                name,
                status,
                created_at: moment,
                updated_at: moment,
            });
        }
    }

    fn add_forecasts(
        &mut self,
        number: u32,
        first_holding: usize,
        token: &'static CatalogueToken,
        joined: OffsetDateTime,
        chance: &mut Chance,
    ) {
        let strategy_id = format!("seed-theory-{number:07}");
        let portfolio_id = portfolio_id(number, 1);
        let in_portfolio: Vec<&Holding> = self.holdings[first_holding..]
            .iter()
            .filter(|holding| holding.portfolio_id == portfolio_id)
            .collect();
        let count = chance.between(1, 3) as usize;
        for (index, name) in chance.choose(&FORECASTS, count).into_iter().enumerate() {
            let moment = after(joined, 40 + index);
            self.forecasts.push(Forecast {
                id: format!("seed-forecast-{number:07}-{}", index + 1),
                user_id: user_id(number),
                portfolio_id: portfolio_id.clone(),
                name,
                applied_strategies: in_portfolio
                    .iter()
                    .map(|holding| (holding.id.clone(), strategy_id.clone()))
                    .collect(),
                summary: summary(&in_portfolio),
                created_at: moment,
                updated_at: moment,
            });
        }
        let holding = in_portfolio[0];
        self.theoretical_strategies.push(TheoreticalStrategy {
            id: strategy_id,
            user_id: user_id(number),
            name: STRATEGIES[0],
            token_symbol: token.symbol,
            token_name: token.name,
            quantity: holding.quantity.clone(),
            average_price: holding.average_price.clone(),
            profit_targets: profit_targets(),
            status: "active",
            created_at: after(joined, 30),
            updated_at: after(joined, 30),
        });
    }
}

/// A forecast over holdings that all follow [`TARGETS`]: sold = quantity x share, collected = sold x average price
/// x (1 + gain), remaining at the current price.
fn summary(holdings: &[&Holding]) -> Summary {
    let percent = |number: u64| Decimal::scaled(number, 2);
    let total = |amounts: Vec<Decimal>| amounts.iter().sum::<Decimal>().rounded(8);
    let kept = percent(100 - TARGETS.iter().map(|(_, share)| share).sum::<u64>());
    let yielded: Decimal = TARGETS.map(|(gain, share)| &percent(100 + gain) * &percent(share)).iter().sum();
    let invested = total(holdings.iter().map(|holding| holding.invested_amount.clone()).collect());
    let collected = total(holdings.iter().map(|holding| &holding.invested_amount * &yielded).collect());
    let remaining =
        total(holdings.iter().map(|holding| &(&holding.quantity * &kept) * &holding.current_price).collect());
    let profit = &(&collected + &remaining) - &invested;
    Summary {
        return_percentage: profit.percent_of(&invested),
        total_invested: invested,
        total_collected: collected,
        total_profit: profit,
        remaining_tokens_value: remaining,
        token_count: Decimal::scaled(holdings.len() as u64, 0),
    }
}

fn profit_targets() -> Value {
    let target = |(order, (gain, share)): (usize, (u64, u64))| json!({"order": order + 1, "targetType": "percentage", "targetValue": gain, "sellPercentage": share});
    TARGETS.into_iter().enumerate().map(target).collect()
}

fn day(chance: &mut Chance) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(EPOCH_S + chance.between(0, DAYS * 86_400))
}

/// So many minutes after the user joined.
pub(super) fn after(joined: OffsetDateTime, minutes: usize) -> Timestamp {
    (joined + Duration::from_mins(minutes as u64)).into()
}

fn e4(ten_thousandths: u64) -> Decimal {
    Decimal::scaled(ten_thousandths, 4)
}

fn e8(hundred_millionths: u64) -> Decimal {
    Decimal::scaled(hundred_millionths, 8)
}
