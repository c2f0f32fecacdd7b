//! When giving instances up pays: not before keeping them has cost as much as getting them back would.
//!
//! That is the rent-or-buy rule (Karlin et al., Competitive Snoopy Caching, 1988): whatever the demand does next, it
//! costs at most twice what knowing the future would.

use serde::{Deserialize, Serialize};

/// Instance-seconds that a scale-in must have had to offer before it is worth an action. A launch that is regretted
/// is billed for its boot and its drain, three and a half minutes; three or four instances are what a change is
/// usually about.
const WORTH_INSTANCE_S: f64 = 12.0 * 60.0;
/// A scale-in that was undone although the demand had not changed was a trial that failed: the next must have this
/// many times as much to offer.
const DEARER: f64 = 4.0;
/// Four failures are weeks of patience; more would only make the number useless.
const MOST_FAILURES: i32 = 4;
/// A gap between decisions that is longer than this says nothing of the time in between.
const MOST_GAP_S: f64 = 120.0;

/// What the instances that are agreed to be too many have cost so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Surplus {
    noted_at: Option<f64>,
    instance_s: f64,
    trials: Trials,
}

/// Scale-ins at the present level of the demand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Trials {
    level: u32,
    /// The last one has not been undone.
    is_open: bool,
    failures: i32,
}

impl Surplus {
    /// Notes how many instances are too many at this instant.
    pub(crate) fn note(&mut self, now: f64, instances: u32) {
        let since = self.noted_at.replace(now).unwrap_or(now);
        self.instance_s += f64::from(instances) * (now - since).clamp(0.0, MOST_GAP_S);
        if instances == 0 {
            self.clear();
        }
    }

    /// The surplus is over, or was dealt with.
    fn clear(&mut self) {
        *self = Self { trials: std::mem::take(&mut self.trials), ..Self::default() };
    }

    /// The fleet shrank at this level of the demand.
    pub(crate) fn shrunk(&mut self, level: u32) {
        self.clear();
        self.trials.at(level).is_open = true;
    }

    /// The fleet grew at this level of the demand.
    pub(crate) fn grew(&mut self, level: u32) {
        let trials = self.trials.at(level);
        if std::mem::take(&mut trials.is_open) {
            trials.failures = (trials.failures + 1).min(MOST_FAILURES);
        }
    }

    /// Seconds until so many surplus instances have cost enough; zero if they have.
    pub(crate) fn pays_in_s(&self, instances: u32, level: u32) -> f64 {
        let failures = if self.trials.level == level { self.trials.failures } else { 0 };
        let worth_instance_s = WORTH_INSTANCE_S * DEARER.powi(failures);
        ((worth_instance_s - self.instance_s) / f64::from(instances.max(1))).max(0.0)
    }

    /// Forgets what lies in the future, or was never a cost.
    pub(crate) fn prune(&mut self, now: f64) {
        let past = self.noted_at.is_none_or(|at| at <= now);
        let counted =
            (0.0..1e12).contains(&self.instance_s) && (0..=MOST_FAILURES).contains(&self.trials.failures);
        if !(past && counted) {
            *self = Self::default();
        }
    }
}

impl Trials {
    /// Those at this level; another level is another matter.
    fn at(&mut self, level: u32) -> &mut Self {
        if self.level != level {
            *self = Self { level, ..Self::default() };
        }
        self
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "products of round numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_large_surplus_pays_soon_and_a_small_one_late() {
        let after = |minutes: u32, instances| {
            let mut surplus = Surplus::default();
            (0..=minutes).for_each(|minute| surplus.note(60.0 * f64::from(minute), instances));
            surplus.pays_in_s(instances, 0)
        };
        assert_eq!([after(1, 12), after(6, 2), after(6, 1)], [0.0, 0.0, 360.0]);
    }

    #[test]
    fn a_surplus_that_ended_counts_from_nothing() {
        let mut surplus = Surplus::default();
        for (at, instances) in [(0.0, 5), (60.0, 5), (120.0, 0), (180.0, 1)] {
            surplus.note(at, instances);
        }
        assert_eq!(surplus.pays_in_s(1, 0), 720.0);
    }

    #[test]
    fn a_scale_in_that_was_undone_at_the_same_demand_is_tried_again_much_later() {
        let mut surplus = Surplus::default();
        surplus.shrunk(7);
        surplus.grew(7);
        assert_eq!([7, 8].map(|level| surplus.pays_in_s(1, level)), [4.0 * 720.0, 720.0]);
        surplus.grew(7);
        assert_eq!(surplus.pays_in_s(1, 7), 4.0 * 720.0, "growing twice undoes one scale-in only");
        surplus.shrunk(8);
        surplus.grew(9);
        assert_eq!(surplus.pays_in_s(1, 9), 720.0, "the demand had changed");
    }
}
