//! Prices: one per token, fetched in batches by one instance, kept in the database and told to all. No request ever
//! waits for a price.

mod coin_market_cap;
pub mod keeper;
mod simulated;
mod store;

use std::collections::BTreeMap;

use crate::decimal::Decimal;

pub use coin_market_cap::CoinMarketCap;
pub use simulated::SimulatedMarket;

/// Most ids of one call to a source.
pub const BATCH: usize = 100;

/// What a source says of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Such as `BTC`.
    pub symbol: String,
    /// Such as `Bitcoin`.
    pub name: String,
    /// In dollars.
    pub price: Decimal,
}

/// What a source says, by `CoinMarketCap`'s id.
pub type Prices = BTreeMap<i32, Listed>;

/// Where prices come from.
pub trait Source: Send + Sync {
    /// The prices of at most [`BATCH`] tokens; one that the source does not know is left out.
    fn fetch(&self, cmc_ids: &[i32]) -> impl Future<Output = anyhow::Result<Prices>> + Send;
}

/// The sources that there are.
pub enum AnySource {
    /// A real market's.
    CoinMarketCap(Box<CoinMarketCap>),
    /// None at all.
    Simulated(SimulatedMarket),
}

impl Source for AnySource {
    async fn fetch(&self, cmc_ids: &[i32]) -> anyhow::Result<Prices> {
        match self {
            Self::CoinMarketCap(source) => source.fetch(cmc_ids).await,
            Self::Simulated(source) => source.fetch(cmc_ids).await,
        }
    }
}
