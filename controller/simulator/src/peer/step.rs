//! AWS step scaling: the fleet grows by a share that depends on how far the metric is beyond the threshold.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html>

use scaling::Fleet;

use super::alarm::Recent;
use super::amazon::{Alarmed, Rule};
use super::metric::Metric;

/// What the fleet grows by, from the threshold on, a band above it, and two bands above it.
const SHARES: [f64; 3] = [0.1, 0.3, 0.6];
/// What it shrinks by.
const SHRINK_SHARE: f64 = 0.1;
/// Datapoints in a row, to scale out and to scale in.
const HIGH_POINTS: usize = 1;
const LOW_POINTS: usize = 15;

/// Steps on one metric.
pub type StepScaling = Alarmed<Steps>;

/// Where the steps are.
#[derive(Debug)]
pub struct Steps {
    high: f64,
    band: f64,
    low: f64,
    scale_in_wait_s: f64,
    scaled_in_at: Option<f64>,
}

impl StepScaling {
    /// Out above `percent`, and further out 10 and 20 points above it; in so many points below it.
    pub fn on_cpu(percent: f64, low_points: f64, scale_in_wait_min: f64) -> Self {
        Self::new(Metric::Cpu, percent, 10.0, percent - low_points, scale_in_wait_min)
    }

    /// Out above `p95_s`, and further out 1 and 2 s above it; in below this share of the way up to it from 1.2 s,
    /// which is the p95 of service without any wait.
    pub fn on_p95(p95_s: f64, low_share: f64, scale_in_wait_min: f64) -> Self {
        Self::new(Metric::LatencyP95, p95_s, 1.0, 1.2 + low_share * (p95_s - 1.2), scale_in_wait_min)
    }

    /// Amazon's alarm invokes its policy every minute while it is in alarm; `scale_in_wait_min` is 1 then. Waiting
    /// longer takes a cooldown, and often does better.
    fn new(metric: Metric, high: f64, band: f64, low: f64, scale_in_wait_min: f64) -> Self {
        let scale_in_wait_s = scale_in_wait_min * 60.0;
        Self::on(metric, Steps { high, band, low, scale_in_wait_s, scaled_in_at: None })
    }
}

impl Rule for Steps {
    fn wanted(&mut self, now: f64, fleet: &Fleet, recent: &Recent, warming: u32) -> u32 {
        let Some((value, _)) = recent.latest() else { return fleet.desired };
        if recent.alarms(HIGH_POINTS, |value| value > self.high) {
            // What warms up is left out of the capacity, and so counts towards what the step adds to it.
            let capacity = fleet.desired.saturating_sub(warming);
            return fleet.desired.max(capacity + self.added(value, capacity));
        }
        let waits = self.scaled_in_at.is_some_and(|at| now - at < self.scale_in_wait_s);
        if waits || warming > 0 || !recent.alarms(LOW_POINTS, |value| value < self.low) {
            return fleet.desired;
        }
        self.scaled_in_at = Some(now);
        fleet.desired - rounded(f64::from(fleet.desired) * SHRINK_SHARE)
    }
}

impl Steps {
    fn added(&self, value: f64, capacity: u32) -> u32 {
        let band = ((value - self.high) / self.band) as usize;
        rounded(f64::from(capacity) * SHARES[band.min(SHARES.len() - 1)])
    }
}

/// Amazon rounds a share of the fleet down, and what is less than an instance to one.
fn rounded(instances: f64) -> u32 {
    (instances as u32).max(1)
}
