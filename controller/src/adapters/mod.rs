//! The ports on AWS.

mod auto_scaling;
mod cloud_watch;

pub use auto_scaling::AutoScaling;
pub use cloud_watch::CloudWatch;
