//! How long an instance takes from launch to in service, as measured.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

const KEPT: usize = 32;
/// Sizing waits for slow boots too, though not for the slowest: nine of ten instances serve by then.
const QUANTILE: f64 = 0.9;

/// The most recent boots, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Boots(VecDeque<f64>);

impl Boots {
    pub(crate) fn record(&mut self, boot_s: f64) {
        self.0.push_back(boot_s);
        self.prune();
    }

    pub(crate) fn prune(&mut self) {
        self.0.retain(|boot_s| (0.0..=86_400.0).contains(boot_s));
        while self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// The time within which this share of recent boots were over; none before the first boot.
    pub(crate) fn quantile_s(&self, share: f64) -> Option<f64> {
        let mut sorted: Vec<f64> = self.0.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        sorted.get((last as f64 * share).round() as usize).copied()
    }

    /// The time within which nine of ten recent boots were over; none before the first boot.
    pub fn p90_s(&self) -> Option<f64> {
        self.quantile_s(QUANTILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_of_the_recent_boots() {
        let mut boots = Boots::default();
        assert_eq!(boots.p90_s(), None);
        for boot_s in [900.0; 40].into_iter().chain((1..=32).map(f64::from)) {
            boots.record(boot_s);
        }
        assert_eq!(boots.p90_s(), Some(29.0));
    }

    #[test]
    fn an_impossible_boot_is_not_recorded() {
        let mut boots = Boots::default();
        boots.record(f64::NAN);
        boots.record(-1.0);
        assert_eq!(boots.p90_s(), None);
    }
}
