//! When giving instances up pays: not before keeping them has cost as much as getting one back would.
//!
//! That is the rent-or-buy rule (Karlin et al., Competitive Snoopy Caching, 1988): whatever the demand does next, it
//! costs at most twice what knowing the future would.

use serde::{Deserialize, Serialize};

use crate::back_off::BackOff;

/// A launch that is regretted is billed for its boot and its drain.
const DRAIN_S: f64 = 60.0;
/// A scale-in that was undone although the demand had not changed is regretted: the next must have this many times as
/// much to offer. Four regrets are days of patience; more would only make the number useless.
const DEARER: BackOff = BackOff { first: 1.0, factor: 4.0, longest: 256.0 };
/// A gap between decisions that is longer than this says nothing of the time in between.
const MOST_GAP_S: f64 = 120.0;

/// What the instances that are agreed to be too many have cost so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Surplus {
    noted_at: Option<f64>,
    instance_s: f64,
    regrets: Regrets,
}

/// Scale-ins at the present level of the demand that were undone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Regrets {
    level: u32,
    /// The last scale-in has not been undone.
    is_open: bool,
    count: u32,
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
        *self = Self { regrets: std::mem::take(&mut self.regrets), ..Self::default() };
    }

    /// The fleet shrank at this level of the demand.
    pub(crate) fn shrunk(&mut self, level: u32) {
        self.clear();
        self.regrets.at(level).is_open = true;
    }

    /// The fleet grew at this level of the demand.
    pub(crate) fn grew(&mut self, level: u32) {
        let regrets = self.regrets.at(level);
        if std::mem::take(&mut regrets.is_open) {
            regrets.count = regrets.count.saturating_add(1);
        }
    }

    /// Seconds until so many surplus instances have cost enough at this level of the demand, where a boot takes
    /// `boot_s`; zero if they have.
    pub(crate) fn pays_in_s(&self, instances: u32, boot_s: f64, level: u32) -> f64 {
        let regrets = if self.regrets.level == level { self.regrets.count } else { 0 };
        let worth_instance_s = (boot_s + DRAIN_S) * DEARER.after(regrets);
        ((worth_instance_s - self.instance_s) / f64::from(instances.max(1))).max(0.0)
    }

    /// Forgets what lies in the future, or was never a cost.
    pub(crate) fn prune(&mut self, now: f64) {
        let past = self.noted_at.is_none_or(|at| at <= now);
        if !(past && (0.0..1e12).contains(&self.instance_s)) {
            *self = Self::default();
        }
    }
}

impl Regrets {
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
            surplus.pays_in_s(instances, 140.0, 0)
        };
        assert_eq!([after(1, 4), after(2, 2), after(2, 1)], [0.0, 0.0, 80.0]);
    }

    #[test]
    fn a_surplus_that_ended_counts_from_nothing() {
        let mut surplus = Surplus::default();
        for (at, instances) in [(0.0, 5), (60.0, 5), (120.0, 0), (180.0, 1)] {
            surplus.note(at, instances);
        }
        assert_eq!(surplus.pays_in_s(1, 140.0, 0), 200.0);
    }

    #[test]
    fn a_scale_in_that_was_undone_at_the_same_demand_is_tried_again_much_later() {
        let mut surplus = Surplus::default();
        surplus.shrunk(7);
        surplus.grew(7);
        assert_eq!([7, 8].map(|level| surplus.pays_in_s(1, 140.0, level)), [4.0 * 200.0, 200.0]);
        surplus.grew(7);
        assert_eq!(surplus.pays_in_s(1, 140.0, 7), 4.0 * 200.0, "growing twice undoes one scale-in only");
        surplus.shrunk(8);
        surplus.grew(9);
        assert_eq!(surplus.pays_in_s(1, 140.0, 9), 200.0, "the demand had changed");
    }
}
