//! How much each pool is believed: by how probable it made what then happened, situation by situation.
//!
//! Exponentiated weights with a fixed share (Herbster and Warmuth, Tracking the Best Expert, 1998): the share lets
//! a pool come back that was useless for long.

use serde::{Deserialize, Serialize};

use super::ladder::RUNGS;
use super::pools::{POOLS, Tail};
use super::situation::Situation;

/// Below 1, because successive outcomes are not independent: one event would else count as five.
const LEARNING_RATE: f64 = 0.25;
const SHARE: f64 = 0.004;
/// The weight of every rung being equally likely: no pool is ever certain.
const DOUBT: f64 = 0.02;

/// Each situation's weights; they sum to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mixture(Vec<[f64; POOLS]>);

impl Default for Mixture {
    fn default() -> Self {
        Self(vec![[1.0 / POOLS as f64; POOLS]; Situation::COUNT])
    }
}

impl Mixture {
    /// The pools' opinions as one.
    pub(crate) fn mix(&self, tails: &[Tail; POOLS], situation: Situation) -> Tail {
        let mut mixed = [0.0; RUNGS];
        for (tail, weight) in tails.iter().zip(self.0[situation.index()]) {
            mixed.iter_mut().zip(tail).for_each(|(mixed, chance)| *mixed += weight * chance);
        }
        mixed
    }

    /// Learns how probable each pool made what happened.
    pub(crate) fn learn(&mut self, probabilities: [f64; POOLS], situation: Situation) {
        let weights = &mut self.0[situation.index()];
        let doubted = |p: f64| (1.0 - DOUBT) * p.clamp(0.0, 1.0) + DOUBT / (RUNGS + 1) as f64;
        for (weight, p) in weights.iter_mut().zip(probabilities) {
            *weight *= doubted(p).powf(LEARNING_RATE);
        }
        let total: f64 = weights.iter().sum();
        for weight in weights {
            *weight = *weight / total * (1.0 - SHARE) + SHARE / POOLS as f64;
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.0.len() == Situation::COUNT
            && self.0.iter().all(|weights| {
                weights.iter().all(|w| (1e-9..=1.0).contains(w))
                    && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-6
            })
    }
}
