//! The decision core, driven as the daemon drives it.

use scaling::{Observation, PolicyError, Settings, State};

use crate::policy::Policy;

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
        let (decision, state) = scaling::decide(&self.policy, &self.state, observation);
        self.state = state;
        let current = observation.fleet.as_ref().map_or(0, |fleet| fleet.desired);
        decision.desired.unwrap_or(current)
    }
}
