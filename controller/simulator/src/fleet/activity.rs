//! What the group tried and failed to do.

use std::fmt;

/// A scaling activity that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailedActivity {
    /// When, in seconds.
    pub at: f64,
    /// Why.
    pub failure: Failure,
}

/// Why an activity failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// EC2 had no instance to give.
    InsufficientCapacity,
    /// The instance did not pass its health checks within the grace period.
    HealthCheck,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsufficientCapacity => "launch refused for insufficient capacity",
            Self::HealthCheck => "instance replaced after failed health checks",
        })
    }
}
