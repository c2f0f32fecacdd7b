//! Whether a minute was slow, told from metrics of seconds: slow seconds are not a slow minute, and a minute can be
//! slow of which only a part was.

use serde::{Deserialize, Serialize};

use crate::observation::Datapoint;

const MINUTE_S: f64 = 60.0;
/// The share of requests that take longer than the p95.
const BEYOND_P95: f64 = 0.05;

/// The minute that is being filled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Minute {
    index: i64,
    seconds: f64,
    requests: f64,
    /// Those that took longer than the objective.
    slow: f64,
}

/// Seconds that were watched, and whether the objective was broken in them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Watched {
    pub(super) seconds: f64,
    pub(super) is_slow: bool,
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
        let requests = datapoint.requests_per_s.unwrap_or(1.0) * seconds;
        self.seconds += seconds;
        if let Some(slow_s) = slowness_s {
            self.requests += requests;
            self.slow += requests * slower_than(objective_p95_s, slow_s);
        }
        complete
    }

    /// Turns to another minute. A period that is late counts for the minute that is being filled.
    fn turn(&mut self, index: i64) -> Option<Watched> {
        if index <= self.index && self.seconds > 0.0 {
            return None;
        }
        let over = std::mem::replace(self, Self { index, ..Self::default() });
        let is_slow = over.slow > BEYOND_P95 * over.requests;
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
            && (0.0..=self.requests).contains(&self.slow)
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

    /// What is told of a minute of six periods with these p95s, at the next minute's beginning.
    fn told(p95s: [f64; 6], rates: [f64; 6]) -> Option<Watched> {
        let mut minute = Minute::default();
        let period = |at: f64, rate: f64| Datapoint {
            at,
            period_s: 10.0,
            requests_per_s: Some(rate),
            ..Datapoint::default()
        };
        for (i, (p95_s, rate)) in p95s.into_iter().zip(rates).enumerate() {
            assert_eq!(minute.add(&period(10.0 * i as f64, rate), Some(p95_s), 3.0), None);
        }
        minute.add(&period(60.0, 1.0), Some(1.0), 3.0)
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
    fn a_minute_is_watched_as_long_as_its_periods_are() {
        assert_eq!(told([1.0; 6], [1.0; 6]), Some(Watched { seconds: 60.0, is_slow: false }));
        let long = Datapoint { period_s: 300.0, ..Datapoint::default() };
        let slow = Watched { seconds: 300.0, is_slow: true };
        assert_eq!(Minute::default().add(&long, Some(3.1), 3.0), Some(slow));
    }

    #[test]
    fn a_late_period_closes_no_minute() {
        let mut minute = Minute::default();
        let mut add = |at: f64| {
            let period = Datapoint { at, period_s: 10.0, ..Datapoint::default() };
            minute.add(&period, Some(1.0), 3.0).map(|watched| watched.seconds)
        };
        assert_eq!(
            [110.0, 130.0, 110.0, 140.0, 180.0].map(&mut add),
            [None, Some(10.0), None, None, Some(30.0)]
        );
    }
}
