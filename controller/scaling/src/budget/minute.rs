//! Whether a minute was slow, told from metrics of seconds: slow seconds are not a slow minute, and a minute can be
//! slow of which only a part was.

use serde::{Deserialize, Serialize};

use crate::observation::{BEYOND_P95, Datapoint};

const MINUTE_S: f64 = 60.0;

/// The minute that is being filled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Minute {
    index: i64,
    seconds: f64,
    requests: f64,
    /// Those that took longer than the objective, or failed.
    slow_requests: f64,
}

/// Seconds that were watched, and whether the objective was broken in them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Watched {
    pub(super) seconds: f64,
    pub(super) is_slow: bool,
}

impl Watched {
    pub(super) fn slow_s(self) -> f64 {
        if self.is_slow { self.seconds } else { 0.0 }
    }
}

impl Minute {
    /// Adds a period, and hands back what is complete: a period of a minute or more is so by itself, and shorter ones
    /// are when another minute begins.
    pub(super) fn add(
        &mut self,
        datapoint: &Datapoint,
        slowness_s: Option<f64>,
        objective_p95_s: f64,
    ) -> Option<Watched> {
        let seconds = datapoint.period_s;
        if seconds >= MINUTE_S {
            let is_slow = slowness_s.is_some_and(|slow_s| slow_s > objective_p95_s);
            return Some(Watched { seconds, is_slow });
        }
        let complete = self.turn((datapoint.at / MINUTE_S).floor() as i64);
        self.seconds += seconds;
        self.count(datapoint, objective_p95_s);
        complete
    }

    /// Counts a period's requests, those that the objective is about.
    fn count(&mut self, datapoint: &Datapoint, objective_p95_s: f64) {
        let asked_per_s = datapoint.objective_requests_per_s.or(datapoint.requests_per_s).unwrap_or(1.0);
        let failed_per_s = datapoint.failed_per_s.unwrap_or(0.0).min(asked_per_s);
        let slower = datapoint.latency_p95_s.map_or(0.0, |p95_s| slower_than(objective_p95_s, p95_s));
        self.requests += asked_per_s * datapoint.period_s;
        self.slow_requests += (failed_per_s + (asked_per_s - failed_per_s) * slower) * datapoint.period_s;
    }

    /// Turns to another minute. A period that is late counts for the minute that is being filled.
    fn turn(&mut self, index: i64) -> Option<Watched> {
        if index <= self.index && self.seconds > 0.0 {
            return None;
        }
        let over = std::mem::replace(self, Self { index, ..Self::default() });
        let is_slow = over.slow_requests > BEYOND_P95 * over.requests;
        (over.seconds > 0.0).then_some(Watched { seconds: over.seconds, is_slow })
    }

    /// Forgets a minute that lies ahead: the clock was set back.
    pub(super) fn prune(&mut self, now: f64) {
        if self.index as f64 * MINUTE_S > now {
            *self = Self::default();
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        (0.0..1e6).contains(&self.seconds)
            && (0.0..1e15).contains(&self.requests)
            && (0.0..=self.requests * 1.000_001).contains(&self.slow_requests)
    }
}

/// The share of a period's requests that took longer than `t_s`, if response times have an exponential tail, as those
/// of a busy queue have (Erlang C), of which `p95_s` is a point.
fn slower_than(t_s: f64, p95_s: f64) -> f64 {
    BEYOND_P95.powf(t_s / p95_s.max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(at: f64, requests_per_s: f64, p95_s: f64) -> Datapoint {
        Datapoint {
            at,
            period_s: 10.0,
            requests_per_s: Some(requests_per_s),
            latency_p95_s: Some(p95_s),
            ..Datapoint::default()
        }
    }

    /// What is told of a minute of six periods with these p95s, at the next minute's beginning.
    fn told(p95s: [f64; 6], rates: [f64; 6]) -> Option<Watched> {
        let mut minute = Minute::default();
        for (i, (p95_s, rate)) in p95s.into_iter().zip(rates).enumerate() {
            assert_eq!(minute.add(&period(10.0 * i as f64, rate, p95_s), None, 3.0), None);
        }
        minute.add(&period(60.0, 1.0, 1.0), None, 3.0)
    }

    #[test]
    fn slow_seconds_make_a_slow_minute_if_enough_of_its_requests_waited() {
        let slow = |p95s, rates| told(p95s, rates).unwrap().is_slow;
        assert!(!slow([1.2, 1.2, 1.2, 1.2, 1.2, 3.3], [100.0; 6]), "a little, in a sixth of it");
        assert!(slow([1.2, 1.2, 1.2, 1.2, 1.2, 9.0], [100.0; 6]), "a lot");
        assert!(!slow([1.2, 1.2, 1.2, 1.2, 1.2, 9.0], [100.0, 100.0, 100.0, 100.0, 100.0, 1.0]), "of few");
        assert!(slow([3.1; 6], [100.0; 6]) && !slow([2.9; 6], [100.0; 6]));
    }

    #[test]
    fn what_fails_counts_as_slow_and_no_more_than_it_is() {
        let told = |failed_per_s: f64| {
            let mut minute = Minute::default();
            let failing = Datapoint { failed_per_s: Some(failed_per_s), ..period(0.0, 100.0, 1.2) };
            minute.add(&failing, None, 3.0);
            for i in 1..6 {
                assert_eq!(minute.add(&period(10.0 * f64::from(i), 100.0, 1.2), None, 3.0), None);
            }
            minute.add(&period(60.0, 1.0, 1.0), None, 3.0).unwrap().is_slow
        };
        assert_eq!([5.0, 40.0].map(told), [false, true]);
    }

    #[test]
    fn the_requests_of_others_are_no_part_of_it() {
        let mut minute = Minute::default();
        for i in 0..6 {
            let (asked, p95_s) = if i == 5 { (100.0, 4.0) } else { (10.0, 1.2) };
            let both = Datapoint {
                objective_requests_per_s: Some(asked),
                ..period(10.0 * f64::from(i), 100.0, p95_s)
            };
            minute.add(&both, None, 3.0);
        }
        assert!(minute.add(&period(60.0, 1.0, 1.0), None, 3.0).unwrap().is_slow);
    }

    #[test]
    fn a_minute_is_watched_as_long_as_its_periods_are() {
        assert_eq!(told([1.0; 6], [1.0; 6]), Some(Watched { seconds: 60.0, is_slow: false }));
        let long = Datapoint { period_s: 300.0, ..Datapoint::default() };
        let slow = Watched { seconds: 300.0, is_slow: true };
        assert_eq!(Minute::default().add(&long, Some(3.1), 3.0), Some(slow));
    }

    #[test]
    fn a_late_period_closes_no_minute() {
        let mut minute = Minute::default();
        let mut add = |at: f64| minute.add(&period(at, 1.0, 1.0), None, 3.0).map(|watched| watched.seconds);
        assert_eq!(
            [110.0, 130.0, 110.0, 140.0, 180.0].map(&mut add),
            [None, Some(10.0), None, None, Some(30.0)]
        );
    }
}
