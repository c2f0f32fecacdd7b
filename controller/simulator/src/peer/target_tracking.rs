//! AWS target tracking.
//!
//! Amazon publishes no formula; its documentation and the re-implementations agree on `ceil(N * M / T)`, `N` being
//! the capacity at the metric's time, and the alarms that it creates can be read in any account: above the target
//! for 3 minutes, below 90 % of it for 15.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html>

use scaling::{Fleet, Observation};

use super::alarm::Recent;
use super::metric::Metric;
use super::warm_up::WarmUp;
use crate::policy::Policy;

/// The low alarm's threshold, as a share of the target.
const LOW_SHARE: f64 = 0.9;

/// Keeps a metric near its target.
#[derive(Debug)]
pub struct TargetTracking {
    target: f64,
    points: Points,
    recent: Recent,
    warm_up: WarmUp,
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
        Self { target, points, recent: Recent::of(metric), warm_up: WarmUp::default() }
    }

    fn wanted(&mut self, now: f64, fleet: &Fleet) -> u32 {
        let Some((value, capacity)) = self.recent.latest() else { return fleet.desired };
        let wanted = (capacity * value / self.target).ceil() as u32;
        if self.recent.alarms(self.points.high, |value| value > self.target) {
            return fleet.desired.max(wanted);
        }
        let low = self.recent.alarms(self.points.low, |value| value < LOW_SHARE * self.target);
        // Scaling in waits until everything that was launched is warm.
        if low && self.warm_up.warming(now) == 0 { fleet.desired.min(wanted) } else { fleet.desired }
    }
}

impl Policy for TargetTracking {
    fn tick_s(&self) -> f64 {
        60.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let Some(fleet) = &observation.fleet else { return 0 };
        self.recent.file(&observation.datapoints);
        let wanted = self.wanted(observation.at, fleet);
        self.warm_up.launched(observation.at, wanted.min(fleet.max).saturating_sub(fleet.desired));
        wanted
    }
}
