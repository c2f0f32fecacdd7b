//! AWS's state as the extension holds it.

use serde::Deserialize;

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
