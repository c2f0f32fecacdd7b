//! How much each pool is believed: by how well it told whether the sizes that were weighed would do, situation by
//! situation. What it told of others decides nothing: most of a demand's distribution is where nobody would size for.
//!
//! Bayes' rule, as exponentiated weights with a fixed share (Herbster and Warmuth, Tracking the Best Expert, 1998):
//! the share lets a pool come back that was useless for long.

use serde::{Deserialize, Serialize};

use super::ladder::RUNGS;
use super::pools::{POOLS, Tail};
use super::situation::Situation;

const SHARE: f64 = 0.004;

/// Each situation's weights; they sum to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<f64>>")]
pub(crate) struct Mixture(Vec<[f64; POOLS]>);

impl Default for Mixture {
    fn default() -> Self {
        Self(vec![[1.0 / POOLS as f64; POOLS]; Situation::COUNT])
    }
}

/// Weights of a program that had more or fewer pools are learned anew.
impl From<Vec<Vec<f64>>> for Mixture {
    fn from(weights: Vec<Vec<f64>>) -> Self {
        let known = weights.into_iter().map(|weights| weights.try_into().ok());
        known.collect::<Option<_>>().map_or_else(Self::default, Self)
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

    /// Learns how well each pool told what happened: the probability that it gave it.
    pub(crate) fn learn(&mut self, credits: [f64; POOLS], situation: Situation) {
        let weights = &mut self.0[situation.index()];
        weights.iter_mut().zip(credits).for_each(|(weight, credit)| *weight *= credit);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_back_and_those_of_other_pools_do_not() {
        let mut learned = Mixture::default();
        learned.learn([0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], Situation::default());
        let json = serde_json::to_string(&learned).unwrap();
        assert_eq!(serde_json::from_str::<Mixture>(&json).unwrap(), learned);
        let of_six = format!("[{}]", vec!["[0.5,0.1,0.1,0.1,0.1,0.1]"; Situation::COUNT].join(","));
        assert_eq!(serde_json::from_str::<Mixture>(&of_six).unwrap(), Mixture::default());
    }
}
