//! What all strategies would have shrunk to, over a window: the highest of it is what they agree on.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What the strategies would have agreed to shrink to, over a window: its running maximum.
///
/// Kept as a monotonic queue: an entry that a later and higher one outlives can never be the maximum again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Agreement {
    since: Option<f64>,
    recorded_at: Option<f64>,
    highest: VecDeque<(f64, u32)>,
}

impl Agreement {
    /// Records what would be agreed on now. After more than `most_gap_s` without a record it begins anew: nobody can
    /// say what would have been agreed on in between, so that time covers nothing of the window.
    pub(crate) fn record(&mut self, now: f64, accepted: u32, window_s: f64, most_gap_s: f64) {
        if self.recorded_at.is_some_and(|at| now - at > most_gap_s) {
            *self = Self::default();
        }
        self.recorded_at = Some(now);
        self.since.get_or_insert(now);
        while self.highest.back().is_some_and(|(_, n)| *n <= accepted) {
            self.highest.pop_back();
        }
        self.highest.push_back((now, accepted));
        while self.highest.front().is_some_and(|(at, _)| *at < now - window_s) {
            self.highest.pop_front();
        }
    }

    /// The highest number within the window; none recorded is no agreement.
    pub(crate) fn accepts(&self) -> Option<u32> {
        self.highest.front().map(|(_, n)| *n)
    }

    /// Seconds until the agreement covers the window.
    pub(crate) fn uncovered_s(&self, now: f64, window_s: f64) -> f64 {
        (self.since.unwrap_or(now) + window_s - now).max(0.0)
    }

    /// Seconds until the entry that holds the number up leaves the window.
    pub(crate) fn held_up_s(&self, now: f64, window_s: f64) -> f64 {
        self.highest.front().map_or(0.0, |(at, _)| (at + window_s - now).max(0.0))
    }

    /// Drops everything if any of it lies in the future: a clock was set back, or the state was damaged.
    pub(crate) fn prune(&mut self, now: f64) {
        let ordered = self.highest.iter().is_sorted_by(|a, b| a.0 <= b.0 && a.1 >= b.1);
        let instants = self.highest.iter().map(|(at, _)| at).chain(&self.since).chain(&self.recorded_at);
        let past = instants.into_iter().all(|at| *at <= now);
        if !(ordered && past) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "sums of whole seconds are exact")]
mod tests {
    use super::*;

    const WINDOW_S: f64 = 200.0;
    const MOST_GAP_S: f64 = 90.0;

    fn recorded(records: &[(f64, u32)]) -> Agreement {
        let mut agreement = Agreement::default();
        for (at, n) in records {
            agreement.record(*at, *n, WINDOW_S, MOST_GAP_S);
        }
        agreement
    }

    #[test]
    fn the_highest_of_the_window_is_agreed_on() {
        let agreement = recorded(&[(0.0, 9), (60.0, 5), (120.0, 7), (180.0, 6), (240.0, 4)]);
        assert_eq!((agreement.accepts(), agreement.uncovered_s(240.0, WINDOW_S)), (Some(7), 0.0));
        assert_eq!(agreement.held_up_s(240.0, WINDOW_S), 80.0);
    }

    #[test]
    fn time_that_nobody_watched_covers_nothing() {
        let away = recorded(&[(0.0, 3), (60.0, 3), (400.0, 3)]);
        assert_eq!(away.uncovered_s(400.0, WINDOW_S), WINDOW_S);
        let late = recorded(&[(0.0, 3), (90.0, 3), (180.0, 3), (200.0, 3)]);
        assert_eq!(late.uncovered_s(200.0, WINDOW_S), 0.0, "a record that is late is no gap");
    }

    #[test]
    fn a_state_of_before_gaps_were_noted_is_read() {
        let older: Agreement = serde_json::from_str(r#"{"since":10.0,"highest":[[20.0,4]]}"#).unwrap();
        assert_eq!((older.accepts(), older.recorded_at), (Some(4), None));
    }
}
