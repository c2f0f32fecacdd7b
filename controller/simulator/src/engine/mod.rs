//! What happens to the requests of a step. Two engines serve the same fleets: [`Fluid`] by formula, for speed, and
//! [`Requests`] one by one.

mod fluid;
mod requests;

pub use fluid::Fluid;
pub use requests::Requests;

use crate::fleet::Instance;
use crate::plant::Plant;

/// What became of the requests of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Served {
    /// Requests that were answered in the step.
    pub completed: f64,
    /// Requests that were lost in the step.
    pub lost: f64,
    /// Requests that arrived in the step and take longer than the objective, and those that were lost.
    pub slow: f64,
}

/// A way to serve requests.
pub trait Engine {
    /// Serves the `arrived` requests of the step that begins at `now` (seconds) with these instances.
    fn serve(&mut self, now: f64, arrived: f64, instances: &[Instance]) -> Served;

    /// The p95 of the response times since the last call, in seconds; none if nobody asked for anything.
    fn take_p95_s(&mut self) -> Option<f64>;
}

/// The engines by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// [`Fluid`].
    #[default]
    Fluid,
    /// [`Requests`].
    Requests,
}

impl Kind {
    /// Every engine.
    pub const ALL: &[Self] = &[Self::Fluid, Self::Requests];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fluid => "fluid",
            Self::Requests => "requests",
        }
    }

    /// An engine of this kind; the seed is that of arrivals within a step and of service times.
    pub fn build(self, plant: &Plant, seed: u64) -> Box<dyn Engine + '_> {
        match self {
            Self::Fluid => Box::new(Fluid::new(plant)),
            Self::Requests => Box::new(Requests::new(plant, seed)),
        }
    }
}
