//! What the users saw, in figures.

use hdrhistogram::Histogram;

use crate::load::Call;

/// A run, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Whole loads, from the moment each was meant to start.
    pub loads: Summary,
    /// The single calls, from the moment each was sent; only those that were made.
    pub calls: Vec<(Call, Summary)>,
    /// Why loads failed, and how many, the most frequent first.
    pub causes: Vec<(String, u64)>,
}

/// Figures of many latencies, in seconds.
///
/// In the percentiles a failure counts as the timeout (or longer, if it took longer): whoever got no answer waited for
/// the longest, and fast errors must not look like health. Mean and maximum are of the successes. Percentiles are
/// by nearest rank (the smallest latency that at least that share did not exceed), to three significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// How many ended, failures included.
    pub count: u64,
    /// Not 2xx, not in time, not complete, or not sent.
    pub failed: u64,
    /// Over the objective, or failed.
    pub slow: u64,
    /// `None` when nothing succeeded.
    pub mean_s: Option<f64>,
    /// `None` when nothing ended.
    pub p50_s: Option<f64>,
    /// `None` when nothing ended.
    pub p95_s: Option<f64>,
    /// `None` when nothing ended.
    pub p99_s: Option<f64>,
    /// `None` when nothing succeeded.
    pub max_s: Option<f64>,
}

/// A day: longer than any timeout allows.
const LONGEST_US: u64 = 86_400_000_000;

/// Gathers a [`Summary`] in an HDR histogram of microseconds.
#[derive(Debug)]
pub(crate) struct Gatherer {
    latency_us: Histogram<u64>,
    failed: u64,
    slow: u64,
    sum_s: f64,
    max_s: f64,
}

impl Default for Gatherer {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "constant bounds in order and 3 of 5 digits are accepted")]
        let latency_us = Histogram::new_with_max(LONGEST_US, 3).expect("constant bounds");
        Self { latency_us, failed: 0, slow: 0, sum_s: 0.0, max_s: 0.0 }
    }
}

impl Summary {
    /// Successes over all, in percent; `None` when nothing ended.
    pub fn success_percent(&self) -> Option<f64> {
        (self.count > 0).then(|| 100.0 * (self.count - self.failed) as f64 / self.count as f64)
    }
}

impl Gatherer {
    pub(crate) fn add_success(&mut self, latency_s: f64, objective_s: f64) {
        self.record(latency_s);
        self.slow += u64::from(latency_s > objective_s);
        self.sum_s += latency_s;
        self.max_s = self.max_s.max(latency_s);
    }

    pub(crate) fn add_failure(&mut self, latency_s: f64, timeout_s: f64) {
        self.record(latency_s.max(timeout_s));
        self.slow += 1;
        self.failed += 1;
    }

    fn record(&mut self, latency_s: f64) {
        self.latency_us.saturating_record((latency_s * 1e6).round() as u64);
    }

    pub(crate) fn summary(self) -> Summary {
        let count = self.latency_us.len();
        let succeeded = count - self.failed;
        let percentile =
            |quantile: f64| (count > 0).then(|| self.latency_us.value_at_quantile(quantile) as f64 / 1e6);
        Summary {
            count,
            failed: self.failed,
            slow: self.slow,
            mean_s: (succeeded > 0).then(|| self.sum_s / succeeded as f64),
            p50_s: percentile(0.50),
            p95_s: percentile(0.95),
            p99_s: percentile(0.99),
            max_s: (succeeded > 0).then_some(self.max_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal to three significant digits.
    fn is(found_s: Option<f64>, expected_s: f64) -> bool {
        found_s.is_some_and(|found_s| (found_s / expected_s - 1.0).abs() < 1e-3)
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut gatherer = Gatherer::default();
        (1..=100).rev().for_each(|i| gatherer.add_success(f64::from(i) / 10.0, 3.0));
        let summary = gatherer.summary();
        assert!(is(summary.p50_s, 5.0) && is(summary.p95_s, 9.5) && is(summary.p99_s, 9.9), "{summary:?}");
        assert!(is(summary.mean_s, 5.05) && is(summary.max_s, 10.0), "{summary:?}");
        assert_eq!(
            (summary.count, summary.failed, summary.slow, summary.success_percent()),
            (100, 0, 70, Some(100.0))
        );
    }

    #[test]
    fn fast_failures_do_not_look_like_health() {
        let mut gatherer = Gatherer::default();
        (0..90).for_each(|_| gatherer.add_success(1.0, 3.0));
        (0..10).for_each(|_| gatherer.add_failure(0.001, 60.0));
        let summary = gatherer.summary();
        assert!(is(summary.p50_s, 1.0) && is(summary.p95_s, 60.0) && is(summary.mean_s, 1.0), "{summary:?}");
        assert_eq!((summary.failed, summary.slow, summary.success_percent()), (10, 10, Some(90.0)));
    }

    #[test]
    fn nothing_has_no_figures() {
        assert_eq!(Gatherer::default().summary(), Summary::default());
        assert_eq!(Summary::default().success_percent(), None);
    }
}
