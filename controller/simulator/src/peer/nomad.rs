//! nomad-autoscaler's `target-value` strategy.
//! <https://github.com/hashicorp/nomad-autoscaler/blob/main/plugins/builtin/strategy/target-value/plugin/plugin.go>

use scaling::Observation;

use super::alarm::Recent;
use super::metric::Metric;
use crate::policy::Policy;

/// Factors this near to 1 are ignored.
const THRESHOLD: f64 = 0.01;
/// No evaluation for so many seconds after an action.
const COOLDOWN_S: f64 = 300.0;

/// Scales the count by the newest metric's ratio to its target.
#[derive(Debug)]
pub struct TargetValue {
    target: f64,
    recent: Recent,
    acted_at: Option<f64>,
}

impl TargetValue {
    /// A policy on `metric`, its target in the metric's unit.
    pub fn new(metric: Metric, target: f64) -> Self {
        Self { target, recent: Recent::of(metric), acted_at: None }
    }
}

impl Policy for TargetValue {
    fn tick_s(&self) -> f64 {
        10.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let Some(fleet) = &observation.fleet else { return 0 };
        self.recent.file(&observation.datapoints);
        let Some((value, _)) = self.recent.latest() else { return fleet.desired };
        let cooling = self.acted_at.is_some_and(|at| observation.at - at < COOLDOWN_S);
        // The AWS plugin is not ready while the group's newest activity is under way.
        if cooling || fleet.pending > 0 {
            return fleet.desired;
        }
        let factor = value / self.target;
        if (factor - 1.0).abs() <= THRESHOLD {
            return fleet.desired;
        }
        let wanted = ((f64::from(fleet.desired) * factor).ceil() as u32).clamp(fleet.min, fleet.max);
        if wanted != fleet.desired {
            self.acted_at = Some(observation.at);
        }
        wanted
    }
}
