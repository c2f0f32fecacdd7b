//! The seam to the LocalStack extension: its snapshot of AWS's state, and the facts that we report to it.
//! The extension decides; this side runs processes and tells what became of them.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::http;

/// What the extension holds, as far as the data plane acts on it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Snapshot {
    /// The default VPC.
    pub network: Network,
    /// All Auto Scaling groups.
    pub groups: Vec<Group>,
    /// The instances of all groups.
    pub instances: Vec<Instance>,
    /// All target groups.
    pub target_groups: Vec<TargetGroup>,
    /// All load balancers.
    pub load_balancers: Vec<LoadBalancer>,
}

impl Snapshot {
    /// The instances of a group.
    pub fn instances_of(&self, group: &str) -> impl Iterator<Item = &Instance> {
        self.instances.iter().filter(move |instance| instance.group == group)
    }
}

/// The default VPC's identifiers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Network {
    /// The VPC.
    pub vpc_id: String,
    /// One subnet in each zone.
    pub subnet_ids: Vec<String>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many instances it is to have.
    pub desired_capacity: u32,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Instance {
    /// `i-...`
    pub instance_id: String,
    /// Its Auto Scaling group.
    pub group: String,
    /// Where it stands in its life.
    pub lifecycle_state: LifecycleState,
    /// Unix time in seconds.
    pub launched_at: f64,
    /// Where its process listens, once reported.
    pub port: Option<u16>,
    /// Whether its process may be stopped.
    pub drained: bool,
}

/// AWS's lifecycle states, as far as the extension uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum LifecycleState {
    /// Launched, not yet serving.
    Pending,
    /// Serving.
    InService,
    /// On its way out.
    Terminating,
}

/// A target group with its targets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `round_robin` or `least_outstanding_requests`.
    pub load_balancing_algorithm: String,
    /// In seconds.
    pub deregistration_delay_s: f64,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// Registered instances.
    pub targets: Vec<Target>,
}

/// A target group's health check.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HealthCheck {
    /// The path that is asked for.
    pub path: String,
    /// In seconds.
    pub interval_s: f64,
    /// In seconds.
    pub timeout_s: f64,
    /// Successes in a row.
    pub healthy_threshold: u32,
    /// Failures in a row.
    pub unhealthy_threshold: u32,
    /// Such as `200-299`.
    pub matcher: String,
}

/// An instance in a target group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Target {
    /// The instance.
    pub instance_id: String,
    /// Where it listens.
    pub port: u16,
    /// Its health.
    pub state: TargetState,
}

/// A target's health, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetState {
    /// Not checked yet.
    Initial,
    /// Answers.
    Healthy,
    /// Does not answer as it should.
    Unhealthy,
    /// Is being taken out.
    Draining,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// In seconds.
    pub idle_timeout_s: f64,
    /// Its listeners.
    pub listeners: Vec<Listener>,
}

/// A listener of a load balancer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Listener {
    /// Ascending by priority, the default action last.
    pub rules: Vec<Rule>,
}

/// Where a listener sends which requests.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Rule {
    /// None for the default action.
    pub priority: Option<u32>,
    /// None for all.
    pub methods: Option<Vec<String>>,
    /// None for all.
    pub paths: Option<Vec<String>>,
    /// Where to; none for a rule that answers by itself or redirects.
    pub target_group_arn: Option<String>,
}

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

/// The extension of the LocalStack at an endpoint.
#[derive(Clone, Debug)]
pub struct Seam {
    endpoint: String,
}

impl Seam {
    /// Of the LocalStack at `endpoint`.
    pub fn new(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned() }
    }

    /// Asks for the snapshot.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let body = http::get(&format!("{}/_fleet", self.endpoint)).await?;
        serde_json::from_slice(&body).context("the extension's snapshot is not as this program knows it")
    }

    /// Reports facts.
    pub async fn report(&self, facts: &[Fact]) -> Result<()> {
        http::post_json(&format!("{}/_fleet/facts", self.endpoint), &facts).await.map(drop)
    }
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
