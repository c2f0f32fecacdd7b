//! Which periods to ask CloudWatch for, and which of its answers are news.
//!
//! Metrics are paid for by the query, so a tick asks only when there may be something new: a period that
//! has become readable, or a newest one that is not complete yet.

use std::collections::BTreeMap;

use aws::metrics::Window;
use scaling::Datapoint;

use crate::config::Timing;

/// What the decisions look back on, and so what is asked for after a start.
const HISTORY_S: i64 = 1_200;
/// CloudWatch corrects a period for some minutes after it was published, so these are read again.
const CORRECTIONS_S: i64 = 300;

/// The windows, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    timing: Timing,
    read_to_s: Option<i64>,
    complete: bool,
}

impl Windows {
    pub(super) fn new(timing: Timing) -> Self {
        Self { timing, read_to_s: None, complete: false }
    }

    /// The periods to read at `now`: only ones that were published, the newest not before now.
    pub(super) fn due(&self, now: f64) -> Option<Window> {
        let period_s = i64::from(self.timing.period_s);
        let published_s = now - f64::from(self.timing.publish_delay_s);
        let end_s = (published_s / period_s as f64).floor() as i64 * period_s;
        let back_s = match self.read_to_s {
            None => HISTORY_S,
            Some(read_to_s) if end_s > read_to_s || !self.complete => {
                (end_s - read_to_s + period_s).clamp(CORRECTIONS_S, HISTORY_S)
            }
            Some(_) => return None,
        };
        let count = (back_s + period_s - 1) / period_s;
        Some(Window { start_s: end_s - count * period_s, end_s, period_s: self.timing.period_s })
    }

    /// Notes that a window was read, and whether every group has the newest period whole.
    pub(super) fn read(&mut self, window: Window, answers: &[Vec<Datapoint>]) {
        let newest = (window.end_s - i64::from(window.period_s)) as f64;
        let again = self.read_to_s == Some(window.end_s);
        self.read_to_s = Some(window.end_s);
        self.complete = answers.iter().all(|datapoints| {
            let newest = datapoints.iter().find(|datapoint| (datapoint.at - newest).abs() < 0.5);
            newest.is_some_and(|datapoint| is_complete(datapoint, again))
        });
    }
}

/// The load balancer reported, and timed what it forwarded to the objective's target group. That it forwarded nothing
/// there is believed when it is read `again`: the count may have been on its way.
fn is_complete(datapoint: &Datapoint, again: bool) -> bool {
    let asked = datapoint.objective_requests_per_s.or(datapoint.requests_per_s);
    let (is_asked, is_timed) = (asked.is_some_and(|rate| rate > 0.0), datapoint.latency_p95_s.is_some());
    datapoint.healthy.is_some() && is_asked == is_timed && (is_asked || again)
}

/// The datapoints that are already known, by period.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<i64, Datapoint>);

impl Known {
    /// Those of `datapoints` that are new or corrected.
    pub(super) fn news(&mut self, datapoints: Vec<Datapoint>) -> Vec<Datapoint> {
        let news: Vec<_> = datapoints
            .into_iter()
            .filter(|datapoint| self.0.get(&(datapoint.at as i64)) != Some(datapoint))
            .collect();
        self.0.extend(news.iter().map(|datapoint| (datapoint.at as i64, datapoint.clone())));
        if let Some(newest) = self.0.keys().next_back().copied() {
            self.0.retain(|at, _| *at > newest - 2 * HISTORY_S);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Timing = Timing { period_s: 60, publish_delay_s: 60 };

    fn datapoint(at: f64) -> Datapoint {
        Datapoint {
            at,
            period_s: 60.0,
            requests_per_s: Some(5.0),
            latency_p95_s: Some(0.4),
            healthy: Some(2.0),
            ..Datapoint::default()
        }
    }

    fn bounds(window: Option<Window>) -> Option<(i64, i64)> {
        window.map(|window| (window.start_s, window.end_s))
    }

    #[test]
    fn a_period_is_read_once_it_is_published_and_the_ones_before_it_again() {
        let mut windows = Windows::new(MINUTE);
        let first = windows.due(6_059.0).unwrap();
        assert_eq!((first.start_s, first.end_s), (4_740, 5_940));
        windows.read(first, &[vec![datapoint(5_880.0)]]);
        assert_eq!(windows.due(6_059.9), None);
        assert_eq!(bounds(windows.due(6_060.0)), Some((5_700, 6_000)));
    }

    #[test]
    fn a_newest_period_that_is_not_whole_is_asked_for_again() {
        let mut windows = Windows::new(MINUTE);
        let window = windows.due(6_060.0).unwrap();
        windows.read(window, &[vec![datapoint(5_880.0)]]);
        assert_eq!(bounds(windows.due(6_070.0)), Some((5_700, 6_000)));
        let late = Datapoint { latency_p95_s: None, ..datapoint(5_940.0) };
        windows.read(window, &[vec![late]]);
        assert!(windows.due(6_070.0).is_some());
        windows.read(window, &[vec![datapoint(5_940.0)]]);
        assert_eq!(windows.due(6_070.0), None);
    }

    #[test]
    fn a_newest_period_without_traffic_for_the_objective_is_asked_for_once_more() {
        let untimed = Datapoint { latency_p95_s: None, ..datapoint(5_940.0) };
        let quiet = Datapoint { requests_per_s: None, ..untimed.clone() };
        let other = Datapoint { objective_requests_per_s: Some(0.0), ..untimed };
        for newest in [quiet, other] {
            let mut windows = Windows::new(MINUTE);
            for tick_s in [6_060.0, 6_070.0] {
                let window = windows.due(tick_s).unwrap();
                windows.read(window, &[vec![newest.clone()]]);
            }
            assert_eq!(windows.due(6_080.0), None);
        }
    }

    #[test]
    fn after_an_outage_all_that_was_missed_is_read() {
        let mut windows = Windows::new(MINUTE);
        windows.read(windows.due(6_060.0).unwrap(), &[vec![datapoint(5_940.0)]]);
        assert_eq!(bounds(windows.due(6_660.0)), Some((5_940, 6_600)));
    }

    #[test]
    fn only_new_and_corrected_datapoints_are_news() {
        let mut known = Known::default();
        assert_eq!(known.news(vec![datapoint(0.0), datapoint(60.0)]).len(), 2);
        let corrected = Datapoint { requests_per_s: Some(6.0), ..datapoint(60.0) };
        assert_eq!(known.news(vec![datapoint(0.0), corrected.clone()]), vec![corrected]);
    }
}
