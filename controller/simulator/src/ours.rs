//! The decision core, driven as the daemon drives it.

use anyhow::Result;
use scaling::{Observation, PolicyError, Settings, State};

use crate::family::{Parameter, Setting, Sweep};
use crate::policy::Policy;

/// What the operator turns.
pub(crate) const PARAMETER: Parameter =
    Parameter { name: "utilisation", usual: 0.7, sweep: Sweep { first: 0.3, last: 0.95, step: 0.05 } };

/// The shipped settings with this value of the parameter.
pub(crate) fn build(utilisation: f64, setting: &Setting) -> Result<Box<dyn Policy>> {
    let instance_capacity_per_s = setting.curve_given.then(|| setting.plant.capacity_per_s());
    Ok(Box::new(Ours::new(Settings { utilisation, instance_capacity_per_s, ..Settings::default() })?))
}

/// [`scaling::decide`] with its state.
#[derive(Debug)]
pub struct Ours {
    policy: scaling::Policy,
    state: State,
}

impl Ours {
    /// A controller that has seen nothing yet.
    pub fn new(settings: Settings) -> Result<Self, PolicyError> {
        Ok(Self { policy: settings.try_into()?, state: State::default() })
    }
}

impl Policy for Ours {
    /// The daemon's interval.
    fn tick_s(&self) -> f64 {
        10.0
    }

    fn desired(&mut self, observation: &Observation) -> u32 {
        let (decision, state) = scaling::decide(&self.policy, std::mem::take(&mut self.state), observation);
        self.state = state;
        let current = observation.fleet.as_ref().map_or(0, |fleet| fleet.desired);
        decision.desired.unwrap_or(current)
    }
}
