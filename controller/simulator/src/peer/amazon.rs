//! What Amazon's policies on one metric have in common: a tick a minute, alarms on the newest datapoints, a warm-up.

use scaling::{Fleet, Observation};

use super::alarm::Recent;
use super::metric::Metric;
use super::warm_up::WarmUp;
use crate::policy::Policy;

/// What an alarm's policy does.
pub trait Rule {
    /// The capacity wanted at `now` (seconds), of which `warming` instances still warm up.
    fn wanted(&mut self, now: f64, fleet: &Fleet, recent: &Recent, warming: u32) -> u32;
}

/// A rule in the clockwork that drives it.
#[derive(Debug)]
pub struct Alarmed<R> {
    rule: R,
    recent: Recent,
    warm_up: WarmUp,
}

impl<R> Alarmed<R> {
    pub(super) fn on(metric: Metric, rule: R) -> Self {
        Self { rule, recent: Recent::of(metric), warm_up: WarmUp::default() }
    }
}

impl<R: Rule> Policy for Alarmed<R> {
    fn tick_s(&self) -> f64 {
        60.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let Some(fleet) = &observation.fleet else { return 0 };
        self.recent.file(&observation.datapoints);
        let warming = self.warm_up.warming(observation.at);
        let wanted = self.rule.wanted(observation.at, fleet, &self.recent, warming);
        self.warm_up.launched(observation.at, wanted.min(fleet.max).saturating_sub(fleet.desired));
        wanted
    }
}
