//! How a policy is driven.

use scaling::Observation;

/// A scaling policy in the simulated world: it is shown what a real one could know, and says how many instances.
pub trait Policy {
    /// Seconds between two ticks; the first is at second 0.
    fn tick_s(&self) -> f64;

    /// The desired capacity. The observation holds the fleet, and the datapoints that have become visible since
    /// the last tick. An answer beyond the group's bounds is clamped.
    fn desired(&mut self, observation: &Observation) -> u32;
}
