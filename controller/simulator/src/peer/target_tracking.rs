//! AWS target tracking.
//!
//! Amazon publishes no formula; its documentation and the re-implementations agree on `ceil(N * M / T)`, `N` being
//! the capacity at the metric's time, and the alarms that it creates can be read in any account: above the target
//! for 3 minutes, below 90 % of it for 15.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html>

use scaling::Fleet;

use super::alarm::Recent;
use super::amazon::{Alarmed, Rule};
use super::metric::Metric;

/// The low alarm's threshold, as a share of the target.
const LOW_SHARE: f64 = 0.9;

/// Keeps a metric near its target.
pub type TargetTracking = Alarmed<Target>;

/// A metric's target.
#[derive(Debug)]
pub struct Target {
    value: f64,
    points: Points,
}

/// How many datapoints in a row an alarm asks for.
#[derive(Clone, Copy, Debug)]
pub struct Points {
    /// To scale out.
    pub high: usize,
    /// To scale in.
    pub low: usize,
}

impl TargetTracking {
    /// Amazon's alarms: 3 minutes to scale out, 15 to scale in.
    pub const USUAL: Points = Points { high: 3, low: 15 };
    /// What an operator gets who replaces the alarms by impatient ones.
    pub const IMPATIENT: Points = Points { high: 1, low: 5 };

    /// A policy on `metric`, its target in the metric's unit.
    pub fn new(metric: Metric, target: f64, points: Points) -> Self {
        Self::on(metric, Target { value: target, points })
    }
}

impl Rule for Target {
    fn wanted(&mut self, _: f64, fleet: &Fleet, recent: &Recent, warming: u32) -> u32 {
        let Some((value, capacity)) = recent.latest() else { return fleet.desired };
        let wanted = (capacity * value / self.value).ceil() as u32;
        if recent.alarms(self.points.high, |value| value > self.value) {
            return fleet.desired.max(wanted);
        }
        let low = recent.alarms(self.points.low, |value| value < LOW_SHARE * self.value);
        // Scaling in waits until everything that was launched is warm.
        if low && warming == 0 { fleet.desired.min(wanted) } else { fleet.desired }
    }
}
