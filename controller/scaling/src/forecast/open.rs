//! A forecast whose outcome is not known yet.

use serde::{Deserialize, Serialize};

use super::ladder::RUNGS;
use super::pools::{POOLS, Tail};
use super::situation::Situation;
use super::trend::Features;

/// Probabilities are remembered in parts of this.
const WHOLE: f64 = 60_000.0;

/// What was forecast, and what will be learned from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) origin: i64,
    pub(crate) target: i64,
    pub(crate) features: Features,
    pub(crate) situation: Situation,
    /// The demand's logarithm when the forecast was made, and as expected.
    pub(crate) level: f64,
    pub(crate) expected: f64,
    pub(crate) critical_per_s: f64,
    /// Each pool's chances that a rung is too low.
    tails: Vec<Vec<u16>>,
    /// The rung that each price would have chosen.
    pub(crate) chosen: Vec<u8>,
}

/// A forecast's outcome.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// The instances that the demand kept busy up to the objective; a fraction.
    pub(crate) instances: f64,
    /// The rung that each price would have chosen.
    pub(crate) chosen: Vec<u8>,
}

impl Open {
    pub(crate) fn new(
        origin: i64,
        target: i64,
        features: Features,
        situation: Situation,
        [level, expected]: [f64; 2],
        critical_per_s: f64,
        tails: &[Tail; POOLS],
    ) -> Self {
        let remembered = |tail: &Tail| tail.iter().map(|chance| (chance * WHOLE).round() as u16).collect();
        let tails = tails.iter().map(remembered).collect();
        Self {
            origin,
            target,
            features,
            situation,
            level,
            expected,
            critical_per_s,
            tails,
            chosen: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, rungs: &[u8]) {
        if self.chosen.is_empty() {
            self.chosen = rungs.to_vec();
        }
    }

    /// How probable each pool made it that exactly this rung would be needed.
    pub(crate) fn probabilities(&self, rung: usize) -> [f64; POOLS] {
        std::array::from_fn(|pool| {
            let above = |rung: Option<usize>| rung.map_or(WHOLE, |rung| self.remembered(pool, rung));
            (above(rung.checked_sub(1)) - above(Some(rung))) / WHOLE
        })
    }

    fn remembered(&self, pool: usize, rung: usize) -> f64 {
        self.tails.get(pool).and_then(|tail| tail.get(rung)).map_or(0.0, |chance| f64::from(*chance))
    }

    pub(crate) fn is_sound(&self) -> bool {
        let numbers = [self.level, self.expected, self.critical_per_s];
        self.tails.len() == POOLS
            && self.tails.iter().all(|tail| tail.len() == RUNGS)
            && self.features.iter().chain(&numbers).all(|number| number.abs() < 1e9)
            && self.critical_per_s > 0.0
            && self.origin.unsigned_abs() < 1 << 48
            && self.target.unsigned_abs() < 1 << 48
    }
}
