//! `ExStrat`'s roadmap: the p95 above 3 s or CPU above 70 % for 5 minutes adds two instances; the p95 below 1 s or
//! CPU below 30 % for 15 minutes takes one away.

use scaling::{Fleet, Observation};

use super::alarm::Recent;
use super::metric::Metric;
use crate::policy::Policy;

const SLOW_S: f64 = 3.0;
const FAST_S: f64 = 1.0;
const HIGH_POINTS: usize = 5;
const LOW_POINTS: usize = 15;
const ADDED: u32 = 2;
/// The roadmap leaves open how soon a rule may fire again. Here no rule fires for so many seconds after a change,
/// which is the warm-up that Amazon's own policies are given: without it the rules do worse in both respects.
const COOLDOWN_S: f64 = 180.0;

/// The rules, with their CPU thresholds as parameters.
#[derive(Debug)]
pub struct Rules {
    high_cpu_percent: f64,
    low_cpu_percent: f64,
    latency: Recent,
    cpu: Recent,
    acted_at: Option<f64>,
}

impl Rules {
    /// CPU thresholds in percent; the roadmap's are 70 and 30.
    pub fn new(high_cpu_percent: f64, low_cpu_percent: f64) -> Self {
        let (latency, cpu) = (Recent::of(Metric::LatencyP95), Recent::of(Metric::Cpu));
        Self { high_cpu_percent, low_cpu_percent, latency, cpu, acted_at: None }
    }

    fn wanted(&self, fleet: &Fleet) -> u32 {
        let high = self.latency.alarms(1, |p95_s| p95_s > SLOW_S)
            || self.cpu.alarms(HIGH_POINTS, |percent| percent > self.high_cpu_percent);
        let low = self.latency.alarms(1, |p95_s| p95_s < FAST_S)
            || self.cpu.alarms(LOW_POINTS, |percent| percent < self.low_cpu_percent);
        match (high, low) {
            (true, _) => fleet.desired + ADDED,
            (false, true) => fleet.desired - 1,
            (false, false) => fleet.desired,
        }
    }
}

impl Policy for Rules {
    fn tick_s(&self) -> f64 {
        60.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let Some(fleet) = &observation.fleet else { return 0 };
        self.latency.file(&observation.datapoints);
        self.cpu.file(&observation.datapoints);
        if self.acted_at.is_some_and(|at| observation.at - at < COOLDOWN_S) {
            return fleet.desired;
        }
        let wanted = self.wanted(fleet);
        if wanted != fleet.desired {
            self.acted_at = Some(observation.at);
        }
        wanted
    }
}
