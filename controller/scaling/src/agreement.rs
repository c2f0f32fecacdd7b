//! What all strategies would have shrunk to, over a window: the highest of it is what they agree on.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What the strategies would have agreed to shrink to, over a window: its running maximum.
///
/// Kept as a monotonic queue: an entry that a later and higher one outlives can never be the maximum again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Agreement {
    since: Option<f64>,
    highest: VecDeque<(f64, u32)>,
}

impl Agreement {
    pub(crate) fn record(&mut self, now: f64, accepted: u32, window_s: f64) {
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
        let past = self.highest.iter().all(|(at, _)| *at <= now) && self.since.is_none_or(|at| at <= now);
        if !(ordered && past) {
            *self = Self::default();
        }
    }
}
