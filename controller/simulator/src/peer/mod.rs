//! How others scale: each policy as its documentation and its code describe it.

mod alarm;
mod amazon;
mod fixed;
mod foresight;
mod hpa;
mod metric;
mod nomad;
mod predictive;
mod rules;
mod step;
mod target_tracking;
#[cfg(test)]
mod tests;
mod warm_up;

pub use fixed::Static;
pub use foresight::Foresight;
pub use hpa::Hpa;
pub use metric::Metric;
pub use nomad::TargetValue;
pub use predictive::Predictive;
pub use rules::Rules;
pub use step::StepScaling;
pub use target_tracking::TargetTracking;
