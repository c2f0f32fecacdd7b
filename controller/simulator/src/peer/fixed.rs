//! No scaling at all: the fleet that somebody sized once.

use scaling::Observation;

use crate::policy::Policy;

/// A constant number of instances.
#[derive(Clone, Copy, Debug)]
pub struct Static {
    /// How many.
    pub instances: u32,
}

impl Policy for Static {
    fn tick_s(&self) -> f64 {
        60.0
    }

    fn desired(&mut self, _: &Observation) -> u32 {
        self.instances
    }
}
