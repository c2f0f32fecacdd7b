//! The level at which the demand has settled, as long as it has not changed.
//!
//! The estimate of a constant demand never rests: it moves with the noise of the newest datapoints, and a demand that
//! hovers at the edge of a fleet's size would tip it now and then. So the level is measured once, over a stretch in
//! which nothing changed, and stands until something does. What is decided on it is decided once, too.

use serde::{Deserialize, Serialize};

use crate::demand::Demand;

/// What must be seen before a level is trusted: six periods average the noise away, a minute at the least.
const PERIODS: f64 = 6.0;
const LEAST_S: f64 = 60.0;
/// A demand that is off by more than so many standard deviations, or by more than this share, has changed. The share
/// is for large fleets, whose counting noise is nothing beside that of their users.
const SIGNIFICANT: f64 = 4.0;
const SHARE: f64 = 0.05;

/// What an instance serves is known better than the demand: by so much it may be corrected without being a change.
const CAPACITY_SHARE: f64 = 0.02;

/// Of the demand, and of what an instance was believed to serve: what is decided depends on both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Level {
    requests: f64,
    span_s: f64,
    period_s: f64,
    capacity_per_s: f64,
    /// Counts the levels, so that one can be told from another.
    number: u32,
}

impl Level {
    /// Takes in the newest period's rate; `demand` is the estimate that it belongs to.
    pub(crate) fn learn(&mut self, demand: &Demand, requests_per_s: f64, period_s: f64, capacity_per_s: f64) {
        if self.span_s > 0.0 && self.has_changed(demand, capacity_per_s) {
            *self = Self { number: self.number.wrapping_add(1), ..Self::default() };
        }
        if self.span_s == 0.0 {
            (self.period_s, self.capacity_per_s) = (period_s, capacity_per_s);
        }
        if !self.has_settled() {
            self.requests += requests_per_s * period_s;
            self.span_s += period_s;
        }
    }

    /// The demand in requests per second, if it has settled.
    pub(crate) fn settled_per_s(&self) -> Option<f64> {
        self.has_settled().then(|| self.mean_per_s())
    }

    /// Which level this is: as long as it is the same, nothing has changed.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    fn has_settled(&self) -> bool {
        self.span_s > 0.0 && self.span_s >= LEAST_S.max(PERIODS * self.period_s)
    }

    fn mean_per_s(&self) -> f64 {
        self.requests / self.span_s
    }

    fn has_changed(&self, demand: &Demand, capacity_per_s: f64) -> bool {
        let mean_per_s = self.mean_per_s();
        let noise_per_s = demand.noise_per_s.hypot((mean_per_s / self.span_s).sqrt());
        let demand_differs =
            (demand.now_per_s - mean_per_s).abs() > (SIGNIFICANT * noise_per_s).max(SHARE * mean_per_s);
        let correction = (capacity_per_s - self.capacity_per_s).abs();
        demand.rise_per_s2 > 0.0 || demand_differs || correction > CAPACITY_SHARE * self.capacity_per_s
    }

    /// Forgets what cannot have been seen.
    pub(crate) fn prune(&mut self) {
        let is_sound = [self.requests, self.span_s, self.period_s, self.capacity_per_s]
            .iter()
            .all(|value| (0.0..1e12).contains(value));
        if !is_sound {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "sums of round numbers are exact")]
mod tests {
    use super::*;

    /// Ten-second periods of these rates, of instances that serve 10 requests/s; the estimate is the rate itself.
    fn after(rates_per_s: &[f64]) -> Option<f64> {
        let mut level = Level::default();
        for rate in rates_per_s {
            let demand = Demand { noise_per_s: (rate / 10.0).sqrt(), ..Demand::settled(*rate) };
            level.learn(&demand, *rate, 10.0, 10.0);
        }
        level.settled_per_s()
    }

    #[test]
    fn a_level_is_the_mean_of_a_minute_and_then_stands() {
        assert_eq!(after(&[40.0; 5]), None);
        let minute = [40.0, 44.0, 36.0, 40.0, 42.0, 38.0];
        assert_eq!(after(&minute), Some(40.0));
        assert_eq!(after(&[minute, [43.0; 6]].concat()), Some(40.0));
    }

    #[test]
    fn a_change_is_measured_anew() {
        let minute = [40.0; 6];
        assert_eq!(after(&[&minute[..], &[60.0]].concat()), None);
        assert_eq!(after(&[minute, [60.0; 6]].concat()), Some(60.0));
    }

    #[test]
    fn a_change_of_what_an_instance_serves_is_one_too() {
        let mut level = Level::default();
        let demand = Demand::settled(40.0);
        (0..6).for_each(|_| level.learn(&demand, 40.0, 10.0, 10.0));
        level.learn(&demand, 40.0, 10.0, 9.9);
        assert_eq!(level.settled_per_s(), Some(40.0));
        level.learn(&demand, 40.0, 10.0, 9.7);
        assert_eq!(level.settled_per_s(), None);
    }

    #[test]
    fn a_slow_rise_does_not_creep_past() {
        let rising: Vec<f64> = (0..120).map(|period| 4_000.0 + 10.0 * f64::from(period)).collect();
        let last = rising[119];
        assert!(after(&rising).is_none_or(|level| level > 0.93 * last), "{:?} of {last}", after(&rising));
    }
}
