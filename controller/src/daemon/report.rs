//! What a tick says to whoever watches: the log's lines and Prometheus' figures.

use metrics::{counter, gauge, histogram};
use scaling::{Action, Reading};
use tracing::{debug, info};

use crate::journal::Entry;

/// One line if the decision is news, and its figures always.
pub(super) fn decision(entry: &Entry) {
    let decision = &entry.decision;
    let (action, reason, sentence) = (decision.action.as_str(), decision.reason.as_str(), decision.explain());
    let (group, dry_run) = (entry.group.as_str(), entry.dry_run);
    let prefix = if dry_run && decision.action != Action::Hold { "dry run, not done: " } else { "" };
    if entry.turn {
        info!(group, action, reason, dry_run, "{prefix}{sentence}");
    } else {
        debug!(group, action, reason, dry_run, "{prefix}{sentence}");
    }
    figures(entry, action, reason);
}

fn figures(entry: &Entry, action: &'static str, reason: &'static str) {
    let (decision, group) = (&entry.decision, entry.group.clone());
    let inputs = &decision.inputs;
    counter!("controller_decisions_total", "group" => group.clone(), "action" => action, "reason" => reason)
        .increment(1);
    let instances = |n: Option<u32>| n.map_or(f64::NAN, f64::from);
    for (name, value) in [
        ("controller_desired_capacity_instances", instances(decision.current)),
        ("controller_decided_capacity_instances", instances(decision.desired)),
        ("controller_in_service_instances", instances(inputs.in_service)),
        ("controller_pending_instances", instances(inputs.pending)),
        ("controller_latency_p95_seconds", inputs.latency_p95_s.fresh().unwrap_or(f64::NAN)),
        ("controller_requests_per_second", rate(&inputs.requests_per_s)),
        ("controller_failed_requests_per_second", rate(&inputs.failed_per_s)),
        ("controller_instance_capacity_requests_per_second", inputs.capacity_per_s.unwrap_or(f64::NAN)),
        ("controller_boot_seconds", inputs.boot_s),
        ("controller_observation_age_seconds", age_s(&inputs.requests_per_s)),
    ] {
        gauge!(name, "group" => group.clone()).set(value);
    }
}

/// A figure that is not known is not a number; no traffic is a rate of zero.
fn rate(reading: &Reading) -> f64 {
    match reading {
        Reading::NoTraffic { .. } => 0.0,
        reading => reading.fresh().unwrap_or(f64::NAN),
    }
}

fn age_s(reading: &Reading) -> f64 {
    match reading {
        Reading::Fresh { age_s, .. } | Reading::NoTraffic { age_s } | Reading::Stale { age_s } => *age_s,
        Reading::Missing => f64::NAN,
    }
}

/// A tick is over.
pub(super) fn tick(duration_s: f64) {
    histogram!("controller_tick_duration_seconds").record(duration_s);
}

/// Whether this daemon leads.
pub(super) fn leads(leads: bool) {
    gauge!("controller_leads").set(if leads { 1.0 } else { 0.0 });
}

/// The journal could not be written.
pub(super) fn journal_failed() {
    counter!("controller_journal_errors_total").increment(1);
}
