//! What happens to the requests of a step. Two engines serve the same fleets: [`Fluid`] by formula, for speed, and
//! [`Requests`](crate::engine) one by one.

mod fluid;

pub use fluid::Fluid;

use crate::fleet::Instance;

/// What became of the requests of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Served {
    /// Requests that were answered in the step.
    pub completed: f64,
    /// Requests that were lost in the step.
    pub lost: f64,
    /// Requests that arrived in the step, or were answered in it, and took longer than the objective; the lost
    /// ones included.
    pub slow: f64,
}

/// A way to serve requests.
pub trait Engine {
    /// Serves the `arrived` requests of the step that begins at `now` (seconds) with these instances.
    fn serve(&mut self, now: f64, arrived: f64, instances: &[Instance]) -> Served;

    /// The p95 of the response times since the last call, in seconds; none if nobody asked for anything.
    fn take_p95_s(&mut self) -> Option<f64>;
}
