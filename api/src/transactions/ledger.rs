//! What is left of a token after its transactions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;

/// Decimals of a number, as its column holds them.
const SCALE: i64 = 18;

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionType {
    /// Bought.
    Buy,
    /// Sold.
    Sell,
    /// Came from elsewhere.
    TransferIn,
    /// Went elsewhere.
    TransferOut,
    /// Earned by staking.
    Staking,
    /// Earned otherwise.
    Reward,
}

/// A transaction, as far as the balance goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: TransactionType,
    pub(super) quantity: Decimal,
    pub(super) amount_invested: Decimal,
    pub(super) average_price: Decimal,
}

/// So much of a token, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) quantity: Decimal,
    pub(super) invested_amount: Decimal,
    pub(super) average_price: Decimal,
}

impl Balance {
    /// Whether the columns can hold it: `numeric(38,18)`.
    pub(super) fn can_be_kept(&self) -> bool {
        let numbers = [&self.quantity, &self.invested_amount, &self.average_price];
        numbers.iter().all(|number| number.rounded(SCALE) < Decimal::power_of_ten(20))
    }
}

/// What entries do to quantity and amount invested, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Effect {
    quantity: Shift,
    invested_amount: Shift,
}

/// What is done to a number that never falls below nothing: `max(number + by, least)`. Two of these in a row are one
/// again, whatever the number. What is added is never negative.
#[derive(Clone, Debug, Default)]
struct Shift {
    by: Decimal,
    least: Decimal,
}

/// The balance after all entries, by date; none where nothing is left.
pub(super) fn balance<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<Balance> {
    entries.map(Effect::of).fold(Effect::default(), |before, entry| before.then(&entry)).balance()
}

impl Effect {
    pub(super) fn of(entry: &Entry) -> Self {
        if entry.kind.adds() {
            return Self {
                quantity: Shift::by(entry.quantity.clone()),
                invested_amount: Shift::by(entry.amount_invested.clone()),
            };
        }
        let zero = Decimal::zero();
        Self {
            quantity: Shift::by(&zero - &entry.quantity),
            invested_amount: Shift::by(&zero - &entry.amount_taken_out()),
        }
    }

    /// This, and then the next.
    pub(super) fn then(&self, next: &Self) -> Self {
        Self {
            quantity: self.quantity.then(&next.quantity),
            invested_amount: self.invested_amount.then(&next.invested_amount),
        }
    }

    /// The balance of who had nothing before; none where nothing is left.
    pub(super) fn balance(&self) -> Option<Balance> {
        let (quantity, invested_amount) =
            (self.quantity.after_nothing(), self.invested_amount.after_nothing());
        let average_price = invested_amount.divided_by(&quantity, SCALE)?;
        Some(Balance { quantity, invested_amount, average_price })
    }
}

impl Shift {
    fn by(by: Decimal) -> Self {
        Self { by, least: Decimal::zero() }
    }

    fn then(&self, next: &Self) -> Self {
        Self { by: &self.by + &next.by, least: (&self.least + &next.by).max(next.least.clone()) }
    }

    fn after_nothing(&self) -> Decimal {
        self.by.clone().max(self.least.clone())
    }
}

impl TransactionType {
    /// As the database and the wire name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
            Self::TransferIn => "TRANSFER_IN",
            Self::TransferOut => "TRANSFER_OUT",
            Self::Staking => "STAKING",
            Self::Reward => "REWARD",
        }
    }

    /// The type of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Buy, Self::Sell, Self::TransferIn, Self::TransferOut, Self::Staking, Self::Reward];
        all.into_iter().find(|kind| kind.as_str() == name)
    }

    fn adds(self) -> bool {
        match self {
            Self::Buy | Self::TransferIn | Self::Staking | Self::Reward => true,
            Self::Sell | Self::TransferOut => false,
        }
    }
}

impl Entry {
    /// The amount; quantity times price where none was given.
    fn amount_taken_out(&self) -> Decimal {
        if self.amount_invested == Decimal::zero() {
            return &self.quantity * &self.average_price;
        }
        self.amount_invested.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::TransactionType::{Buy, Reward, Sell, Staking, TransferIn, TransferOut};
    use super::*;

    fn entry(kind: TransactionType, quantity: &str, amount: &str, price: &str) -> Entry {
        Entry {
            kind,
            quantity: quantity.parse().unwrap(),
            amount_invested: amount.parse().unwrap(),
            average_price: price.parse().unwrap(),
        }
    }

    /// Quantity, amount invested, average price.
    fn left(entries: &[Entry]) -> Option<[String; 3]> {
        let left = balance(entries.iter())?;
        Some([left.quantity, left.invested_amount, left.average_price].map(|number| number.to_string()))
    }

    #[test]
    fn four_kinds_add_and_two_take_away() {
        let all = [
            entry(Buy, "2", "200", "100"),
            entry(TransferIn, "1", "40", "40"),
            entry(Staking, "0.5", "0", "0"),
            entry(Reward, "0.5", "0", "0"),
            entry(Sell, "1", "80", "80"),
            entry(TransferOut, "1", "0", "60"),
        ];
        assert_eq!(left(&all), Some(["2", "100", "50"].map(str::to_owned)));
    }

    #[test]
    fn neither_quantity_nor_amount_falls_below_nothing() {
        let all = [entry(Buy, "1", "10", "10"), entry(Sell, "5", "50", "10"), entry(Buy, "3", "1", "0.33")];
        assert_eq!(
            left(&all),
            Some(["3", "1", "0.333333333333333333"].map(str::to_owned)),
            "the sale took what there was"
        );
        assert_eq!(
            left(&[entry(Buy, "2", "10", "5"), entry(Sell, "1", "50", "50")]),
            Some(["1", "0", "0"].map(str::to_owned))
        );
    }

    #[test]
    fn when_nothing_is_left_there_is_no_holding() {
        assert_eq!(left(&[]), None);
        assert_eq!(left(&[entry(Buy, "1", "10", "10"), entry(Sell, "1", "10", "10")]), None);
    }

    #[test]
    fn names_are_the_databases() {
        assert_eq!(TransactionType::named("TRANSFER_OUT"), Some(TransferOut));
        assert_eq!(TransactionType::named("transfer_out"), None);
        assert_eq!(serde_json::to_string(&TransferIn).unwrap(), r#""TRANSFER_IN""#);
    }
}
