//! The price source.

use std::time::Duration;

use clap::Args;

use super::duration::{self, LONGEST, SHORTEST};
use super::variable;
use crate::prices::{AnySource, CoinMarketCap, SimulatedMarket};

/// Where prices come from.
#[derive(Clone, Debug, Args)]
pub struct PriceSettings {
    /// How often the prices are fetched, by one instance
    #[arg(long, env = "PRICES_EVERY", default_value = "60s", value_parser = duration::within(SHORTEST..=LONGEST), value_name = "DURATION")]
    pub prices_every: Duration,
    /// CoinMarketCap, or what is compatible; used when `CMC_API_KEY` is set, which has no flag
    #[arg(long, env = "CMC_URL", default_value = "https://pro-api.coinmarketcap.com", value_name = "URL")]
    pub cmc_url: String,
    /// Decides the simulated market's prices, which are served without `CMC_API_KEY`
    #[arg(long, env = "MARKET_SEED", default_value_t = 1, value_name = "N")]
    pub market_seed: u64,
}

impl PriceSettings {
    /// The source that these settings and `CMC_API_KEY` describe.
    pub fn source(&self) -> anyhow::Result<AnySource> {
        let Some(key) = variable("CMC_API_KEY") else {
            tracing::warn!("CMC_API_KEY is not set: the prices are simulated");
            return Ok(AnySource::Simulated(SimulatedMarket::new(self.market_seed)));
        };
        Ok(AnySource::CoinMarketCap(Box::new(CoinMarketCap::new(&self.cmc_url, key)?)))
    }
}
