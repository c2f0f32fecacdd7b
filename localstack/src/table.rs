//! Turns the extension's snapshot of one load balancer into the balancer's table.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use balancer::{Algorithm, HealthCheck, Rule, Table, Target, TargetGroup, TargetState};

use crate::seam::{self, LoadBalancer, Snapshot};

/// The first listener of the load balancer, and its target groups. None while there is no such load balancer.
pub(crate) fn of(snapshot: &Snapshot, load_balancer: &str) -> Result<Option<Table>> {
    let Some(found) = snapshot.load_balancers.iter().find(|lb| lb.name == load_balancer) else {
        return Ok(None);
    };
    let rules = rules(found).collect::<Result<Vec<_>>>()?;
    let routed = |group: &&seam::TargetGroup| rules.iter().any(|rule| rule.target_group_arn == group.arn);
    let target_groups =
        snapshot.target_groups.iter().filter(routed).map(target_group).collect::<Result<_>>()?;
    Ok(Some(Table { rules, target_groups, idle_timeout: Duration::from_secs_f64(found.idle_timeout_s) }))
}

fn rules(load_balancer: &LoadBalancer) -> impl Iterator<Item = Result<Rule>> {
    let listener = load_balancer.listeners.first();
    // A rule that answers by itself has no part in this data plane.
    let rules = listener.into_iter().flat_map(|listener| &listener.rules);
    rules.filter_map(|rule| Some((rule, rule.target_group_arn.as_ref()?))).map(|(rule, target_group_arn)| {
        let methods = rule.methods.iter().flatten().map(|method| method.parse()).collect::<Result<_, _>>();
        Ok(Rule {
            priority: rule.priority,
            methods: methods.context("a rule's method is no HTTP method")?,
            paths: rule.paths.iter().flatten().map(|path| path.as_str().into()).collect(),
            target_group_arn: target_group_arn.clone(),
        })
    })
}

fn target_group(group: &seam::TargetGroup) -> Result<TargetGroup> {
    let check = &group.health_check;
    Ok(TargetGroup {
        arn: group.arn.clone(),
        algorithm: match group.load_balancing_algorithm.as_str() {
            "least_outstanding_requests" => Algorithm::LeastOutstandingRequests,
            _ => Algorithm::RoundRobin,
        },
        deregistration_delay: Duration::from_secs_f64(group.deregistration_delay_s),
        health_check: HealthCheck {
            path: check.path.clone(),
            interval: Duration::from_secs_f64(check.interval_s),
            timeout: Duration::from_secs_f64(check.timeout_s),
            healthy_threshold: check.healthy_threshold,
            unhealthy_threshold: check.unhealthy_threshold,
            matcher: check.matcher.parse()?,
        },
        targets: group.targets.iter().map(target).collect(),
    })
}

fn target(target: &seam::Target) -> Target {
    Target {
        instance_id: target.instance_id.clone(),
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, target.port)),
        state: match target.state {
            seam::TargetState::Initial => TargetState::Initial,
            seam::TargetState::Healthy => TargetState::Healthy,
            seam::TargetState::Unhealthy => TargetState::Unhealthy,
            seam::TargetState::Draining => TargetState::Draining,
        },
    }
}
