//! A market for demonstrations and tests: the price of every token of the catalogue wanders around an anchor, and its
//! seed and the time decide it, so that every instance and every run sees the same.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Listed, Prices, Source};
use crate::decimal::Decimal;
use crate::seed::{CatalogueToken, TOKENS};

/// How long one wave of a price takes.
const PERIODS_S: [f64; 3] = [86_400.0, 4_200.0, 310.0];
/// How far each wave goes, as a share of the anchor.
const SWINGS: [f64; 3] = [0.08, 0.02, 0.004];

/// Prices as sums of waves.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedMarket {
    seed: u64,
}

impl SimulatedMarket {
    /// The market of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn listed(self, cmc_id: i32, since_epoch: Duration) -> Option<Listed> {
        let token = TOKENS.iter().find(|token| token.cmc_id == cmc_id)?;
        let price = self.price(token, since_epoch);
        Some(Listed { symbol: token.symbol.to_owned(), name: token.name.to_owned(), price })
    }

    /// Around what the seeded users paid.
    fn price(self, token: &CatalogueToken, since_epoch: Duration) -> Decimal {
        let phase =
            (self.seed ^ u64::from(token.cmc_id.unsigned_abs())).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
        // 53 bits: a share of a turn.
        let turn = phase as f64 / (1_u64 << 53) as f64;
        let wave = |(period_s, swing): (&f64, &f64)| {
            swing * (std::f64::consts::TAU * (since_epoch.as_secs_f64() / period_s + turn)).sin()
        };
        let factor = 1.0 + PERIODS_S.iter().zip(&SWINGS).map(wave).sum::<f64>();
        // The float ends here: what is kept is a whole number of ten-thousandths.
        Decimal::scaled((token.price_e4 as f64 * factor).max(1.0).round() as u64, 4)
    }
}

impl Source for SimulatedMarket {
    async fn fetch(&self, cmc_ids: &[i32]) -> anyhow::Result<Prices> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(cmc_ids.iter().filter_map(|id| Some((*id, self.listed(*id, since_epoch)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_and_time_decide_the_price() {
        let at =
            |seed, seconds| SimulatedMarket::new(seed).listed(1, Duration::from_secs(seconds)).unwrap().price;
        assert_eq!(at(1, 1_000_000), at(1, 1_000_000));
        assert_ne!(at(1, 1_000_000), at(2, 1_000_000));
        assert_ne!(at(1, 1_000_000), at(1, 1_000_060));
    }

    #[test]
    fn prices_stay_near_their_anchors() {
        for seconds in (0..200_000).step_by(997) {
            let price = SimulatedMarket::new(7).listed(1027, Duration::from_secs(seconds)).unwrap().price;
            assert!(price > Decimal::whole(3_000) && price < Decimal::whole(3_800), "{price}");
        }
    }
}
