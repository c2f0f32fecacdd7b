//! What became of processes and targets.

use serde::Serialize;

/// Something that became true of a process.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// Its process listens.
    InstanceRunning {
        /// The instance.
        instance_id: String,
        /// Where.
        port: u16,
    },
    /// Its process is gone.
    InstanceExited {
        /// The instance.
        instance_id: String,
    },
    /// A health check changed its verdict.
    TargetHealth {
        /// Where it is registered.
        target_group_arn: String,
        /// The instance.
        instance_id: String,
        /// `healthy` or `unhealthy`.
        state: &'static str,
        /// AWS's reason code, when unhealthy.
        reason: Option<String>,
    },
    /// A draining target has finished.
    TargetDrained {
        /// Where it was registered.
        target_group_arn: String,
        /// The instance.
        instance_id: String,
    },
}

impl From<balancer::Fact> for Fact {
    fn from(fact: balancer::Fact) -> Self {
        match fact {
            balancer::Fact::TargetHealth { target_group_arn, instance_id, health } => {
                let (state, reason) = match health {
                    balancer::Health::Healthy => ("healthy", None),
                    balancer::Health::Unhealthy(reason) => ("unhealthy", Some(reason.to_string())),
                };
                Self::TargetHealth { target_group_arn, instance_id, state, reason }
            }
            balancer::Fact::TargetDrained { target_group_arn, instance_id } => {
                Self::TargetDrained { target_group_arn, instance_id }
            }
        }
    }
}
