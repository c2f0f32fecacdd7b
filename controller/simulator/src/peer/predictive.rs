//! AWS predictive scaling beside target tracking.
//!
//! It needs 24 hours of history, uses up to 14 days, forecasts hourly values for 48 hours, anew every 6 hours, never
//! scales in, and launches ahead of each hour; the group takes the highest of what its policies ask for.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-predictive-scaling.html>
//! How it forecasts is not published. Here an hour is forecast as the mean of the same hour on the days before, each
//! day counting the same: weights that favour the latest days do worse on bursty loads and no better elsewhere.

use scaling::Observation;

use super::metric::Metric;
use super::target_tracking::TargetTracking;
use crate::policy::Policy;

const HOUR_S: f64 = 3600.0;
/// Instances are launched so long before the hour that they are for: `SchedulingBufferTime`, 300 s by default.
const AHEAD_S: f64 = 300.0;
/// A forecast is made anew after so many hours.
const RENEWED_HOURS: usize = 6;
const HISTORY_DAYS: usize = 14;

/// Target tracking on requests per target, and a forecast that may ask for more.
#[derive(Debug)]
pub struct Predictive {
    per_target: f64,
    tracking: TargetTracking,
    hours: Vec<Hour>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    requests: f64,
    seconds: f64,
}

impl Hour {
    fn per_s(self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.requests / self.seconds)
    }
}

impl Predictive {
    /// A target in requests per second and instance, for both.
    pub fn new(per_target: f64) -> Self {
        let tracking = TargetTracking::new(Metric::RequestsPerTarget, per_target, TargetTracking::USUAL);
        Self { per_target, tracking, hours: Vec::new() }
    }

    fn file(&mut self, observation: &Observation) {
        for datapoint in &observation.datapoints {
            let Some(per_s) = datapoint.requests_per_s else { continue };
            let hour = (datapoint.at / HOUR_S) as usize;
            self.hours.resize(self.hours.len().max(hour + 1), Hour::default());
            self.hours[hour].requests += per_s * datapoint.period_s;
            self.hours[hour].seconds += datapoint.period_s;
        }
    }

    /// Requests per second in `hour`, as forecast at the last renewal before `now_hour`.
    fn forecast(&self, now_hour: usize, hour: usize) -> Option<f64> {
        let made_at = now_hour / RENEWED_HOURS * RENEWED_HOURS;
        let known = &self.hours[..made_at.min(self.hours.len())];
        let days_before =
            (1..=HISTORY_DAYS).filter_map(|day| known.get(hour.checked_sub(24 * day)?)?.per_s());
        let (days, sum) = days_before.fold((0.0, 0.0), |(days, sum), per_s| (days + 1.0, sum + per_s));
        (days > 0.0).then(|| sum / days)
    }

    /// The instances that the forecast asks for: those of this hour, and soon those of the next.
    fn predicted(&self, now: f64) -> u32 {
        let hour = |at: f64| (at / HOUR_S) as usize;
        let asked = [now, now + AHEAD_S].map(|at| self.forecast(hour(now), hour(at)));
        let most = asked.into_iter().flatten().fold(0.0, f64::max);
        (most / self.per_target).ceil() as u32
    }
}

impl Policy for Predictive {
    fn tick_s(&self) -> f64 {
        60.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        self.file(observation);
        let tracked = self.tracking.desired(observation);
        tracked.max(self.predicted(observation.at))
    }
}
