//! A forecast whose outcome is not known yet.

use serde::{Deserialize, Serialize};

use super::ladder::RUNGS;
use super::pools::{POOLS, Tail};
use super::situation::Situation;
use super::trend::Features;

/// Probabilities are remembered in parts of this.
const WHOLE: f64 = 60_000.0;
/// The weight of yes and no being equally likely: no pool is ever certain.
const DOUBT: f64 = 0.001;

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

    /// How well each pool told, for the rung that each price would have chosen, whether `needed` would be above it:
    /// the geometric mean of the probabilities that it gave to what came.
    pub(crate) fn credits(&self, needed: usize) -> [f64; POOLS] {
        let prices = self.chosen.len().max(1) as f64;
        std::array::from_fn(|pool| {
            let told = |rung: usize| {
                let above = self.remembered(pool, rung) / WHOLE;
                let told = if needed > rung { above } else { 1.0 - above };
                (1.0 - DOUBT) * told.clamp(0.0, 1.0) + DOUBT / 2.0
            };
            (self.chosen.iter().map(|rung| told(usize::from(*rung)).ln()).sum::<f64>() / prices).exp()
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

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the same sums")]
mod tests {
    use super::*;

    /// A forecast with these chances that rungs from 3 on, and from 6 on, are too low, as each pool has it.
    fn open(chances: [[f64; 2]; POOLS], chosen: &[u8]) -> Open {
        let tail = |[low, high]: [f64; 2]| std::array::from_fn(|rung| [1.0, low, high][(rung / 3).min(2)]);
        let mut open =
            Open::new(0, 4, Features::default(), Situation::default(), [1.0; 2], 10.0, &chances.map(tail));
        open.note(chosen);
        open
    }

    #[test]
    fn a_pool_is_credited_for_what_it_told_of_the_sizes_that_were_weighed() {
        let mut chances = [[0.5, 0.1]; POOLS];
        chances[1] = [0.5, 0.4];
        chances[2] = [0.1, 0.1];
        let [usual, warned, sharp, ..] = open(chances, &[6, 7]).credits(9);
        assert!(warned > 3.0 * usual, "{warned} {usual}");
        assert!((sharp - usual).abs() < 1e-9, "what it told of smaller fleets counts for nothing");
        let [usual, warned, ..] = open(chances, &[6, 7]).credits(5);
        assert!((usual / warned - 1.5).abs() < 0.01, "a warning in vain costs: {usual} {warned}");
        assert_eq!(
            open(chances, &[6, 6]).credits(6),
            open(chances, &[6, 6]).credits(5),
            "what is needed does"
        );
    }

    #[test]
    fn nothing_that_was_weighed_is_no_credit() {
        assert_eq!(open([[0.5, 0.1]; POOLS], &[]).credits(9).map(f64::to_bits), [1.0_f64.to_bits(); POOLS]);
    }
}
