//! What the balancer routes by: plain data, a picture of one load balancer's listener at one moment.

use std::{net::SocketAddr, time::Duration};

use http::Method;

use crate::{matcher::Matcher, path_pattern::PathPattern};

/// One listener of a load balancer, and every target group whose targets it checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In any order; they are tried by ascending priority.
    pub rules: Vec<Rule>,
    /// All target groups, also those that no rule names: they are health-checked too.
    pub target_groups: Vec<TargetGroup>,
    /// A connection on which nothing moves for this long is closed; before the response's head, with a 504.
    pub idle_timeout: Duration,
}

/// Which requests go to which target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `None` is the listener's default action, tried last.
    pub priority: Option<u32>,
    /// Empty: every method.
    pub methods: Vec<Method>,
    /// Empty: every path.
    pub paths: Vec<PathPattern>,
    /// Where they go; must be the ARN of one of the table's target groups.
    pub target_group_arn: String,
}

/// Targets that share a load balancing algorithm, a health check and a deregistration delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its identity; the readings carry it.
    pub arn: String,
    /// How a target is chosen.
    pub algorithm: Algorithm,
    /// How long a draining target may finish what is in flight.
    pub deregistration_delay: Duration,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// The registered targets.
    pub targets: Vec<Target>,
}

/// How a target is chosen among those that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest requests of this target group in flight; among equals, each in turn.
    LeastOutstandingRequests,
}

/// A target group's health check: HTTP GET, on a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The path asked for.
    pub path: String,
    /// From one check's start to the next.
    pub interval: Duration,
    /// A slower answer is a failure.
    pub timeout: Duration,
    /// Consecutive successes that make an unhealthy target healthy. A new target needs one, as on AWS.
    pub healthy_threshold: u32,
    /// Consecutive failures that make a target unhealthy.
    pub unhealthy_threshold: u32,
    /// The status codes that are a success.
    pub matcher: Matcher,
}

/// One instance's registration in one target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The instance's id.
    pub instance_id: String,
    /// Where its process listens.
    pub address: SocketAddr,
    /// Its health, as the target group's owner has it.
    pub state: TargetState,
}

/// The health of a target, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// Registered; no health check has come out yet.
    Initial,
    /// Gets requests.
    Healthy,
    /// Gets requests only when no target of the group is healthy.
    Unhealthy,
    /// Deregistering: finishes what is in flight, gets nothing new.
    Draining,
}

impl Table {
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.target_groups.iter().flat_map(|group| &group.targets)
    }

    pub(crate) fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> {
        self.target_groups.iter_mut().flat_map(|group| &mut group.targets)
    }
}

impl Target {
    /// Nothing listens there any more. A draining one gets nothing new as it is.
    pub(crate) fn end(&mut self) {
        if self.state != TargetState::Draining {
            self.state = TargetState::Unhealthy;
        }
    }
}

impl Rule {
    pub(crate) fn matches(&self, method: &Method, path: &str) -> bool {
        (self.methods.is_empty() || self.methods.contains(method))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.matches(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_matches_by_method_and_by_path() {
        let rule = Rule {
            priority: Some(10),
            methods: vec![Method::GET],
            paths: vec!["/dashboard".into(), "/portfolios/*".into()],
            target_group_arn: "any".to_owned(),
        };
        for (method, path, matched) in [
            (Method::GET, "/dashboard", true),
            (Method::POST, "/dashboard", false),
            (Method::GET, "/dashboard/", false),
            (Method::GET, "/portfolios/7/holdings", true),
            (Method::GET, "/portfolios", false),
        ] {
            assert_eq!(rule.matches(&method, path), matched, "{method} {path}");
        }
    }
}
