//! The demand ahead as a risk: for each fleet size, the probability that it is too small.

use serde::{Deserialize, Serialize};

use super::Aim;
use super::ladder::{RUNGS, SIZES, rung_for};
use super::pools::Tail;

/// What may be asked of the fleet once an instance launched now serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outlook {
    /// The end of the datapoint that it was drawn from, in Unix seconds.
    pub(crate) at: f64,
    pub(crate) now_per_s: f64,
    pub(crate) expected_per_s: f64,
    pub(crate) lead_s: f64,
    pub(crate) critical_per_s: f64,
    too_small: Vec<f64>,
}

impl Outlook {
    pub(crate) fn new(tail: &Tail, now_per_s: f64, expected_per_s: f64, aim: Aim, at: f64) -> Self {
        let Aim { lead_s, critical_per_s, .. } = aim;
        Self { at, now_per_s, expected_per_s, lead_s, critical_per_s, too_small: tail.to_vec() }
    }

    /// The probability that so many instances are too few.
    pub(crate) fn risk(&self, instances: u32) -> f64 {
        if instances == 0 { 1.0 } else { self.chance(rung_for(instances)) }
    }

    fn chance(&self, rung: usize) -> f64 {
        self.too_small.get(rung).copied().unwrap_or(0.0)
    }

    /// What a fleet costs for a minute, in instances, if a violating minute is worth `price` of them.
    pub(crate) fn cost(&self, instances: u32, price: f64) -> f64 {
        f64::from(instances) + price * self.risk(instances)
    }

    /// The rung of least cost.
    pub(crate) fn cheapest(&self, price: f64) -> usize {
        let (mut best, mut least) = (0, f64::INFINITY);
        for (rung, size) in SIZES.iter().enumerate() {
            let size = f64::from(*size);
            if size >= least {
                break;
            }
            let cost = size + price * self.chance(rung);
            if cost < least {
                (best, least) = (rung, cost);
            }
        }
        best
    }

    /// The instances that the expected demand would keep busy up to the objective; a fraction.
    pub(crate) fn expected_instances(&self) -> f64 {
        self.expected_per_s / self.critical_per_s
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.too_small.len() == RUNGS
            && self.too_small.iter().all(|chance| (0.0..=1.0 + 1e-9).contains(chance))
            && [self.now_per_s, self.expected_per_s].iter().all(|rate| (0.0..1e300).contains(rate))
            && (0.0..=86_400.0).contains(&self.lead_s)
            && (1e-6..1e300).contains(&self.critical_per_s)
    }
}
