//! The objective itself. The guard speaks up when the latency breaks it although the sizing was content, and it
//! tests whether adding instances helped before it adds more.

use serde::{Deserialize, Serialize};

use super::{Candidate, Facts, Source, Why};
use crate::observation::{Datapoint, Reading};

/// The roadmap's step on a breach, and the least that the guard adds.
const STEP: u32 = 2;
/// Larger fleets step by a tenth, or two instances would not be noticed.
const STEP_SHARE: f64 = 0.1;
/// An addition helped if the p95 fell at least to this share of what it was.
const HELPED_SHARE: f64 = 0.9;
/// After so many additions in a row that did not help, more of them are not the cure.
const MOST_FUTILE: u32 = 2;
/// When this share of requests fails, the p95 of all requests is that of the failed ones.
const FAILED_SHARE_OF_P95: f64 = 0.05;
/// What a failed request counts for: a load balancer's idle timeout.
const FAILED_AS_S: f64 = 60.0;

/// What the guard remembers of its own additions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Guard {
    /// The slowness that is being answered: that of the newest breach.
    breach_s: Option<f64>,
    /// The slowness at the last addition, until its effect has been judged.
    added_at_breach_s: Option<f64>,
    /// Additions in a row that did not help.
    futile: u32,
}

impl Guard {
    /// Judges the last addition by the first datapoint that lies wholly after it took effect.
    pub(crate) fn learn(&mut self, datapoint: &Datapoint, objective_p95_s: f64, unsettled_at: Option<f64>) {
        let Some(slow_s) = slowness_s(datapoint) else { return };
        if slow_s <= objective_p95_s {
            *self = Self::default();
            return;
        }
        self.breach_s = Some(slow_s);
        if unsettled_at.is_some_and(|at| datapoint.at <= at) {
            return;
        }
        if let Some(before_s) = self.added_at_breach_s.take() {
            self.futile = if slow_s > HELPED_SHARE * before_s { self.futile.saturating_add(1) } else { 0 };
        }
    }

    /// The guard's request was granted.
    pub(crate) fn stepped(&mut self) {
        self.added_at_breach_s = self.breach_s;
    }
}

/// The p95 with failures counted as slow, which they are to whoever waits for an answer.
pub(crate) fn slowness_s(datapoint: &Datapoint) -> Option<f64> {
    let failed = datapoint.failed_per_s.unwrap_or(0.0);
    if failed > 0.0 && failed >= FAILED_SHARE_OF_P95 * datapoint.requests_per_s.unwrap_or(failed) {
        return Some(FAILED_AS_S);
    }
    datapoint.latency_p95_s
}

pub(crate) fn candidate(facts: &Facts) -> Candidate {
    let desired = facts.fleet.desired;
    let stay = |why| opinion(Some(desired), Some(desired), why);
    match facts.inputs.latency_p95_s {
        Reading::NoTraffic { .. } => return opinion(None, Some(0), Why::WithinObjective),
        Reading::Stale { .. } | Reading::Missing => return opinion(None, None, Why::NoLatencyMetric),
        Reading::Fresh { .. } => {}
    }
    let Some((datapoint, p95_s)) = newest_slowness(facts) else {
        return opinion(None, None, Why::NoLatencyMetric);
    };
    if p95_s <= facts.policy.objective_p95_s {
        return opinion(None, Some(0), Why::WithinObjective);
    }
    if is_weighed(facts, datapoint) {
        return stay(Why::WithinBudget);
    }
    if facts.state.unsettled_at.is_some_and(|at| datapoint.at <= at) {
        return stay(Why::AwaitingEffect);
    }
    if drains(facts, datapoint) {
        return stay(Why::BacklogDraining);
    }
    if facts.state.guard.futile >= MOST_FUTILE {
        return stay(Why::AddingDidNotHelp);
    }
    let step = STEP.max((f64::from(desired) * STEP_SHARE).ceil() as u32);
    opinion(Some(desired.saturating_add(step)), Some(desired), Why::Breach { p95_s })
}

fn opinion(wants: Option<u32>, accepts: Option<u32>, why: Why) -> Candidate {
    Candidate { by: Source::LatencyGuard, wants, accepts, why }
}

fn newest_slowness<'a>(facts: &Facts<'a>) -> Option<(&'a Datapoint, f64)> {
    facts.state.history.newest_first().find_map(|d| Some((d, slowness_s(d)?)))
}

/// Whether the load alone explains the breach, and the forecast, which knows the load, weighs what it is worth: a
/// breach like that is spent from the error budget.
fn is_weighed(facts: &Facts, datapoint: &Datapoint) -> bool {
    let (Some(arrived), Some(serving), Some(outlook)) =
        (datapoint.requests_per_s, datapoint.serving(), facts.weighed_outlook())
    else {
        return false;
    };
    arrived > serving * outlook.critical_per_s && !datapoint.failing()
}

/// Whether the fleet answers more than it is asked while its load is within its means: then the slow responses
/// are those of requests that queued before, and time is the cure.
fn drains(facts: &Facts, datapoint: &Datapoint) -> bool {
    let (Some(arrived), Some(completed), Some(serving)) =
        (datapoint.requests_per_s, datapoint.completed_per_s(), datapoint.serving())
    else {
        return false;
    };
    let capacity = facts.state.capacity.per_instance_per_s(facts.policy.instance_capacity_per_s);
    let within_means = capacity.is_some_and(|per_s| arrived <= serving * per_s * facts.policy.utilisation);
    completed > arrived && within_means && !datapoint.failing()
}
