//! A `CloudWatch` alarm: so many datapoints in a row beyond a threshold.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use std::collections::VecDeque;

use scaling::Datapoint;

use super::metric::Metric;

/// The longest alarm looks at 15 datapoints.
const KEPT: usize = 15;

/// The newest datapoints of a metric, as an alarm sees them.
#[derive(Debug)]
pub struct Recent {
    metric: Metric,
    newest: VecDeque<Datapoint>,
}

impl Recent {
    pub(super) fn of(metric: Metric) -> Self {
        Self { metric, newest: VecDeque::with_capacity(KEPT + 1) }
    }

    pub(super) fn file(&mut self, datapoints: &[Datapoint]) {
        self.newest.extend(datapoints.iter().cloned());
        self.newest.drain(..self.newest.len().saturating_sub(KEPT));
    }

    /// The newest value, and the instances that served when it was taken.
    pub(super) fn latest(&self) -> Option<(f64, f64)> {
        let datapoint = self.newest.back()?;
        Some((self.metric.of(datapoint)?, datapoint.serving()?))
    }

    /// Whether the newest `count` datapoints are all beyond a threshold. With fewer, or with one that has no value,
    /// there is not enough data, and the alarm holds.
    pub(super) fn alarms(&self, count: usize, beyond: impl Fn(f64) -> bool) -> bool {
        let newest = self.newest.iter().rev().take(count);
        newest.len() == count && newest.into_iter().all(|d| self.metric.of(d).is_some_and(&beyond))
    }
}
