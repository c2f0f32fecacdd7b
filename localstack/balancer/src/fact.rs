//! What the balancer tells its owner about targets.

use std::fmt;

/// Something that has just become true of one instance in one target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Health checks have changed their verdict.
    TargetHealth {
        /// The target group.
        target_group_arn: String,
        /// The instance.
        instance_id: String,
        /// The new verdict.
        health: Health,
    },
    /// A draining target has nothing in flight any more, or its deregistration delay is over. Sent once.
    TargetDrained {
        /// The target group.
        target_group_arn: String,
        /// The instance.
        instance_id: String,
    },
}

/// A health check's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Enough consecutive successes.
    Healthy,
    /// Enough consecutive failures; the reason is the last one's.
    Unhealthy(UnhealthyReason),
}

/// Why a health check failed. Displayed as AWS's reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnhealthyReason {
    /// It answered with a status code that the matcher does not accept.
    ResponseCodeMismatch,
    /// It did not answer in time.
    Timeout,
    /// It could not be connected to, or broke off.
    FailedHealthChecks,
}

impl fmt::Display for UnhealthyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResponseCodeMismatch => "Target.ResponseCodeMismatch",
            Self::Timeout => "Target.Timeout",
            Self::FailedHealthChecks => "Target.FailedHealthChecks",
        })
    }
}
