//! What a real ALB publishes to CloudWatch, for one period, in CloudWatch's terms.

use std::collections::BTreeMap;

/// The readings since the last call of [`Balancer::take_period`](crate::Balancer::take_period).
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// The dimension `LoadBalancer`.
    pub load_balancer: LoadBalancerReading,
    /// The dimensions `LoadBalancer, TargetGroup`, for each target group of the table.
    pub target_groups: Vec<TargetGroupReading>,
    /// Each registered instance's use; empty without a profile.
    pub instances: Vec<InstanceReading>,
}

/// Counts of a period that belong to no target group alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadBalancerReading {
    /// Answers that the load balancer gave itself, by status code (`HTTPCode_ELB_4XX_Count`, `..._502_Count`, ...).
    /// 460 is a client that left before its answer. Requests for which no rule was found count here only.
    pub elb_codes: BTreeMap<u16, u64>,
    /// `NewConnectionCount`, from clients.
    pub new_connections: u64,
    /// `RejectedConnectionCount`: over the maximum of connections.
    pub rejected_connections: u64,
    /// Connections from clients at the end of the period.
    pub active_connections: usize,
}

/// One target group's period.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetGroupReading {
    /// The target group.
    pub arn: String,
    /// `RequestCount`: requests for which a target was chosen.
    pub request_count: u64,
    /// `TargetResponseTime`: (seconds, how often), ascending. From the choice of the target until its response's head
    /// starts, the queue of a profile included; three significant digits. Only requests that a target answered.
    pub target_response_time: Vec<(f64, u64)>,
    /// `HTTPCode_Target_2XX_Count`.
    pub target_2xx: u64,
    /// `HTTPCode_Target_3XX_Count`.
    pub target_3xx: u64,
    /// `HTTPCode_Target_4XX_Count`.
    pub target_4xx: u64,
    /// `HTTPCode_Target_5XX_Count`.
    pub target_5xx: u64,
    /// As [`LoadBalancerReading::elb_codes`], of the requests that a rule sent to this target group.
    pub elb_codes: BTreeMap<u16, u64>,
    /// `TargetConnectionErrorCount`.
    pub target_connection_errors: u64,
    /// `HealthyHostCount` at the end of the period, by the table.
    pub healthy_hosts: usize,
    /// `UnHealthyHostCount` at the end of the period, by the table.
    pub unhealthy_hosts: usize,
}

/// How much of an instance's profile was in use.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceReading {
    /// The instance.
    pub instance_id: String,
    /// Its size.
    pub slots: usize,
    /// The integral of slots in service over the period, in slot-seconds.
    pub busy_slot_s: f64,
    /// The period's length; shorter for an instance that was registered within it.
    pub observed_s: f64,
}

impl LoadBalancerReading {
    /// `HTTPCode_ELB_5XX_Count`.
    pub fn elb_5xx(&self) -> u64 {
        sum(&self.elb_codes, 500..=599)
    }

    /// `HTTPCode_ELB_4XX_Count`.
    pub fn elb_4xx(&self) -> u64 {
        sum(&self.elb_codes, 400..=499)
    }
}

impl TargetGroupReading {
    /// Answers of the class 5xx that the load balancer gave itself.
    pub fn elb_5xx(&self) -> u64 {
        sum(&self.elb_codes, 500..=599)
    }
}

impl InstanceReading {
    /// The share of the machine that was in use, 0 to 1: what `CPUUtilization` would be, over 100.
    pub fn utilization(&self) -> f64 {
        let capacity_s = self.slots as f64 * self.observed_s;
        if capacity_s > 0.0 { (self.busy_slot_s / capacity_s).clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn sum(codes: &BTreeMap<u16, u64>, class: std::ops::RangeInclusive<u16>) -> u64 {
    codes.range(class).map(|(_, count)| count).sum()
}
