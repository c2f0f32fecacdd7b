//! The recent datapoints, in order, each period once.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::observation::{Datapoint, Reading};

/// The longest look-back that a strategy needs is the roadmap's 15 minutes of CPU.
const KEPT_S: f64 = 1_200.0;
/// Twenty minutes of one-second periods; a bound on memory whatever is fed in.
const KEPT_DATAPOINTS: usize = 1_200;

/// Datapoints by ascending period start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct History(VecDeque<Datapoint>);

impl History {
    /// Files a datapoint under its period; one that is already known is replaced, because CloudWatch corrects
    /// late periods. Returns whether its numbers were usable.
    pub(crate) fn file(&mut self, datapoint: &Datapoint) -> bool {
        if !datapoint.is_sane() {
            return false;
        }
        let place = self.0.partition_point(|known| known.at < datapoint.at);
        match self.0.get_mut(place) {
            Some(known) if known.at.total_cmp(&datapoint.at).is_eq() => *known = datapoint.clone(),
            _ => self.0.insert(place, datapoint.clone()),
        }
        true
    }

    /// Drops what is too old, and, of a state that was damaged, what is not usable at all or not in order.
    pub(crate) fn prune(&mut self, now: f64) {
        self.0.retain(|d| d.is_sane() && d.ended_at() > now - KEPT_S && d.at <= now + KEPT_S);
        if !self.0.iter().is_sorted_by(|a, b| a.at <= b.at) {
            self.0.make_contiguous().sort_by(|a, b| a.at.total_cmp(&b.at));
        }
        while self.0.len() > KEPT_DATAPOINTS {
            self.0.pop_front();
        }
    }

    /// The datapoints, the newest first.
    pub(crate) fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Datapoint> {
        self.0.iter().rev()
    }

    /// The newest datapoint.
    pub(crate) fn newest(&self) -> Option<&Datapoint> {
        self.0.back()
    }

    /// The datapoint before the one that starts at `at`.
    pub(crate) fn before(&self, at: f64) -> Option<&Datapoint> {
        self.newest_first().find(|d| d.at < at)
    }

    /// How well `metric` is known at `now`.
    ///
    /// Periods that ended within `max_age_s` are searched, the newest first: one metric of the newest period may
    /// be late while the others are there. A period that `is_quiet` had no traffic for the metric to tell of, but not
    /// the newest: its count may be still to come.
    pub(crate) fn read(
        &self,
        metric: impl Fn(&Datapoint) -> Option<f64>,
        is_quiet: impl Fn(&Datapoint) -> bool,
        now: f64,
        max_age_s: f64,
    ) -> Reading {
        let was_quiet = |d: &Datapoint| self.is_confirmed(d) && is_quiet(d);
        for d in self.newest_first() {
            let age_s = (now - d.ended_at()).max(0.0);
            match metric(d) {
                Some(_) if age_s > max_age_s => return Reading::Stale { age_s },
                Some(value) => return Reading::Fresh { value, age_s, samples: d.samples },
                None if age_s <= max_age_s && was_quiet(d) => return Reading::NoTraffic { age_s },
                None => {}
            }
        }
        let quiet = self.newest_first().find(|d| was_quiet(d));
        quiet.map_or(Reading::Missing, |d| Reading::Stale { age_s: (now - d.ended_at()).max(0.0) })
    }

    /// Whether what a period lacks was never there: what the newest one lacks may be late.
    fn is_confirmed(&self, d: &Datapoint) -> bool {
        self.newest().is_some_and(|newest| newest.at > d.at)
    }

    /// Whether `holds` is true of every datapoint of the last `span_s`, and they cover it.
    pub(crate) fn sustained(&self, now: f64, span_s: f64, holds: impl Fn(&Datapoint) -> bool) -> bool {
        let since = self.newest().map_or(now, Datapoint::ended_at) - span_s;
        let covered = self.0.front().is_some_and(|d| d.at <= since);
        covered && self.newest_first().take_while(|d| d.at >= since).all(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at: f64) -> Datapoint {
        Datapoint {
            at,
            period_s: 60.0,
            requests_per_s: Some(10.0),
            healthy: Some(2.0),
            ..Datapoint::default()
        }
    }

    fn quiet(start: f64) -> Datapoint {
        Datapoint { requests_per_s: None, ..at(start) }
    }

    fn rate(d: &Datapoint) -> Option<f64> {
        d.requests_per_s
    }

    #[test]
    fn a_corrected_period_replaces_the_first_version() {
        let mut history = History::default();
        history.file(&at(0.0));
        history.file(&Datapoint { requests_per_s: Some(12.0), ..at(0.0) });
        assert_eq!(history.newest_first().count(), 1);
        assert_eq!(history.read(rate, Datapoint::is_quiet, 70.0, 240.0).fresh(), Some(12.0));
    }

    #[test]
    fn a_reading_goes_stale_and_quiet_is_not_missing() {
        let mut history = History::default();
        assert_eq!(history.read(rate, Datapoint::is_quiet, 0.0, 240.0), Reading::Missing);
        history.file(&at(0.0));
        assert_eq!(history.read(rate, Datapoint::is_quiet, 400.0, 240.0), Reading::Stale { age_s: 340.0 });
        history.file(&quiet(60.0));
        history.file(&quiet(120.0));
        assert_eq!(history.read(rate, Datapoint::is_quiet, 190.0, 240.0), Reading::NoTraffic { age_s: 70.0 });
        let mut unhealthy = History::default();
        unhealthy.file(&Datapoint { healthy: None, ..quiet(60.0) });
        unhealthy.file(&Datapoint { healthy: None, ..quiet(120.0) });
        assert_eq!(unhealthy.read(rate, Datapoint::is_quiet, 190.0, 240.0), Reading::Missing);
    }

    /// CloudWatch shows a period's metrics one after the other: the hosts may be there before the requests are.
    #[test]
    fn a_count_that_is_late_is_not_taken_for_no_traffic() {
        let mut history = History::default();
        history.file(&quiet(0.0));
        assert_eq!(history.read(rate, Datapoint::is_quiet, 70.0, 240.0), Reading::Missing);
        history.file(&at(60.0));
        history.file(&quiet(120.0));
        assert_eq!(history.read(rate, Datapoint::is_quiet, 190.0, 240.0).fresh(), Some(10.0));
    }

    /// A group serves two target groups, and all that came was for the one without the objective.
    #[test]
    fn nobody_s_latency_is_not_a_stale_one() {
        let other =
            |start| Datapoint { objective_requests_per_s: Some(0.0), samples: Some(600.0), ..at(start) };
        let hanging = |start| Datapoint { objective_requests_per_s: Some(2.0), ..other(start) };
        let latency = |datapoints: &[Datapoint]| {
            let mut history = History::default();
            for datapoint in datapoints {
                assert!(history.file(datapoint));
            }
            history.read(|d| d.latency_p95_s, Datapoint::is_objective_quiet, 190.0, 240.0)
        };
        let quiet = Reading::NoTraffic { age_s: 70.0 };
        assert_eq!(latency(&[other(0.0), other(60.0), other(120.0)]), quiet);
        assert_eq!(latency(&[other(120.0)]), Reading::Missing, "the newest period's count may be late");
        assert_eq!(latency(&[hanging(60.0), hanging(120.0)]), Reading::Missing, "asked, and not answered");
        assert_eq!(latency(&[at(60.0), at(120.0)]), Reading::Missing, "all requests are the objective's");
        let zero = |start| Datapoint { requests_per_s: Some(0.0), samples: Some(0.0), ..at(start) };
        assert_eq!(latency(&[zero(60.0), zero(120.0)]), quiet, "a count of nothing is one too");
        let unhealthy = |start| Datapoint { healthy: None, ..other(start) };
        assert_eq!(latency(&[unhealthy(60.0), unhealthy(120.0)]), Reading::Missing);
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        let mut history = History::default();
        assert!(!history.file(&Datapoint { requests_per_s: Some(f64::NAN), ..at(0.0) }));
        assert!(!history.file(&Datapoint { latency_p95_s: Some(-1.0), ..at(0.0) }));
        assert!(!history.file(&Datapoint { period_s: 0.0, ..at(0.0) }));
        assert!(history.newest().is_none());
    }

    #[test]
    fn sustained_needs_the_whole_span() {
        let mut history = History::default();
        for minute in 0..5 {
            history.file(&at(f64::from(minute) * 60.0));
        }
        assert!(history.sustained(300.0, 300.0, |d| d.requests_per_s.is_some()));
        assert!(!history.sustained(300.0, 360.0, |d| d.requests_per_s.is_some()));
    }
}
