//! Scale-in trials: fleets smaller than what is known to keep the objective are tried a step at a time, so many a day
//! at most, and undone at the first breach. Each failure doubles the wait for the next.
//!
//! Waiting longer after each failure is configless-autoscaler's back-off; the number a day bounds what trying can cost.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::back_off::BackOff;
use crate::civil::DAY_S;
use crate::observation::Datapoint;

/// The wait after a first failure. A breach takes its minutes to show and to be over.
const FIRST_WAIT_S: f64 = 900.0;
const BACK_OFF_S: BackOff = BackOff { first: FIRST_WAIT_S, factor: 2.0, longest: DAY_S };
/// A trial has succeeded when so many periods that lie wholly within it kept the objective.
const PROOFS: u32 = 2;
/// Larger fleets are tried a tenth at a time.
const STEP_SHARE: f64 = 0.1;

/// The trials of the last day, and the one that is going on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Trials {
    begun_at: VecDeque<f64>,
    going_on: Option<Trial>,
    /// The size to return to, from a failure until it is granted.
    undo_to: Option<u32>,
    failed_at: Option<f64>,
    failures: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Trial {
    at: f64,
    from: u32,
    proofs: u32,
}

impl Trials {
    /// The size of the next trial.
    pub(crate) fn step(desired: u32) -> u32 {
        desired.saturating_sub(((f64::from(desired) * STEP_SHARE) as u32).max(1))
    }

    /// Seconds until the next may begin: zero if it may.
    pub(crate) fn wait_s(&self, now: f64, per_day: u32) -> f64 {
        if per_day == 0 {
            return DAY_S;
        }
        let back_off_s = BACK_OFF_S.after(self.failures.saturating_sub(1));
        let failed = self.failed_at.map_or(0.0, |at| at + back_off_s - now);
        let oldest = self.begun_at.iter().rev().nth(per_day as usize - 1);
        let spent = oldest.map_or(0.0, |at| at + DAY_S - now);
        let busy = if self.going_on.is_some() { FIRST_WAIT_S } else { 0.0 };
        failed.max(spent).max(busy).max(0.0)
    }

    pub(crate) fn begin(&mut self, now: f64, from: u32) {
        self.begun_at.push_back(now);
        self.going_on = Some(Trial { at: now, from, proofs: 0 });
    }

    /// Judges the trial by a period that lies wholly within it.
    pub(crate) fn learn(&mut self, datapoint: &Datapoint, slow_s: Option<f64>, objective_p95_s: f64) {
        let Some(trial) = self.going_on.as_mut().filter(|trial| datapoint.at >= trial.at) else { return };
        let Some(slow_s) = slow_s else { return };
        if slow_s > objective_p95_s {
            self.undo_to = Some(trial.from);
            self.failed_at = Some(datapoint.ended_at());
            self.failures = self.failures.saturating_add(1);
            self.going_on = None;
            return;
        }
        trial.proofs = trial.proofs.saturating_add(1);
        if trial.proofs >= PROOFS {
            self.going_on = None;
            self.failures = 0;
        }
    }

    /// The size that a failed trial is to be undone to.
    pub(crate) fn undo_to(&self) -> Option<u32> {
        self.undo_to
    }

    /// The fleet is told to grow, for whatever reason: the trial is over.
    pub(crate) fn grew(&mut self) {
        self.going_on = None;
    }

    /// A fleet of so many leaves nothing to undo below that.
    pub(crate) fn see(&mut self, desired: u32) {
        self.undo_to = self.undo_to.filter(|to| *to > desired);
    }

    /// Forgets what is older than a day, and what lies in the future.
    pub(crate) fn prune(&mut self, now: f64) {
        self.begun_at.retain(|at| (now - DAY_S..=now).contains(at));
        self.failed_at = self.failed_at.filter(|at| *at <= now);
        self.going_on = self.going_on.take().filter(|trial| (now - DAY_S..=now).contains(&trial.at));
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "sums of round numbers are exact")]
mod tests {
    use super::*;

    fn minute(trials: &mut Trials, at: f64, p95_s: f64) {
        let datapoint = Datapoint { at, period_s: 60.0, ..Datapoint::default() };
        trials.learn(&datapoint, Some(p95_s), 3.0);
    }

    #[test]
    fn a_breach_undoes_the_trial_and_each_doubles_the_wait() {
        let mut trials = Trials::default();
        for (at, wait_s) in [(0.0, 900.0), (10_000.0, 1_800.0), (20_000.0, 3_600.0)] {
            trials.begin(at, 8);
            minute(&mut trials, at - 30.0, 9.0);
            assert_eq!(trials.undo_to(), None, "the period began before the trial");
            minute(&mut trials, at, 4.0);
            assert_eq!(trials.undo_to(), Some(8));
            trials.see(7);
            assert_eq!(trials.undo_to(), Some(8));
            trials.see(8);
            assert_eq!((trials.undo_to(), trials.wait_s(at + 60.0, 24)), (None, wait_s));
        }
    }

    #[test]
    fn one_good_period_is_no_success_yet() {
        for (good, undo_to) in [(1, Some(8)), (2, None)] {
            let mut trials = Trials::default();
            trials.begin(0.0, 8);
            (0..good).for_each(|i| minute(&mut trials, f64::from(i) * 60.0, 2.0));
            minute(&mut trials, f64::from(good) * 60.0, 4.0);
            assert_eq!(trials.undo_to(), undo_to, "{good} good periods");
        }
    }

    #[test]
    fn success_forgets_the_failures() {
        let mut trials = Trials { failures: 5, ..Trials::default() };
        trials.begin(0.0, 8);
        (0..2).for_each(|i| minute(&mut trials, f64::from(i) * 60.0, 2.0));
        assert_eq!((trials.failures, trials.wait_s(120.0, 24)), (0, 0.0));
    }

    #[test]
    fn so_many_a_day_and_no_more() {
        let mut trials = Trials::default();
        assert_eq!(trials.wait_s(0.0, 0), DAY_S);
        for hour in 0..3 {
            trials.begin(f64::from(hour) * 3_600.0, 8);
            trials.going_on = None;
        }
        assert_eq!((trials.wait_s(10_000.0, 4), trials.wait_s(10_000.0, 3)), (0.0, DAY_S - 10_000.0));
        trials.prune(DAY_S + 1.0);
        assert_eq!(trials.wait_s(DAY_S + 1.0, 3), 0.0);
    }

    #[test]
    fn a_large_fleet_is_tried_a_tenth_at_a_time() {
        assert_eq!([1, 2, 9, 40].map(Trials::step), [0, 1, 8, 36]);
    }
}
