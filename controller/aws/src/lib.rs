//! AWS, as far as the controller needs it: one module per service, each call narrow, bounded in time and answered
//! in plain types. What the answers mean for a decision is the caller's business.
//!
//! | module | service | calls |
//! |---|---|---|
//! | [`metrics`] | CloudWatch | `GetMetricData` |
//! | [`fleet`] | Auto Scaling | `DescribeAutoScalingGroups`, `DescribeScalingActivities`, `SetDesiredCapacity` |
//! | [`targets`] | Elastic Load Balancing | `DescribeTargetGroups` |

mod connect;
mod error;
pub mod fleet;
pub mod metrics;
pub mod targets;

pub use connect::{Clients, ConnectError, Connection, connect};
pub use error::{Error, Kind};
