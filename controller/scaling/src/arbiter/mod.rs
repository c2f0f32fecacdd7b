//! Weighs the strategies: the highest ask wins, and the fleet shrinks only when all agreed for the whole
//! stabilization window and nothing forbids it.

mod reason;
mod shrink;

use shrink::{forbidden, scale_in};

use crate::candidate::{self, Candidate, Facts};
use crate::decision::{Action, Decision, Inputs, Limit, Notice, Reason};
use crate::limits::{Bounds, Passage};
use crate::observation::{Datapoint, Observation};
use crate::policy::{Pause, Policy};
use crate::state::State;

/// What is to be done, before it is put into a [`Decision`].
struct Verdict {
    reason: Reason,
    instances: u32,
    limits: Vec<Limit>,
    holds_for_s: Option<f64>,
}

impl Verdict {
    fn hold(reason: Reason, desired: u32) -> Self {
        Self { reason, instances: desired, limits: Vec::new(), holds_for_s: None }
    }

    fn hold_for(reason: Reason, desired: u32, holds_for_s: f64) -> Self {
        Self { holds_for_s: Some(holds_for_s), ..Self::hold(reason, desired) }
    }
}

pub(crate) fn arbitrate(
    policy: &Policy,
    state: &mut State,
    observation: &Observation,
    notices: Vec<Notice>,
) -> Decision {
    let now = observation.at;
    let inputs = read(policy, state, observation);
    let Some(fleet) = &observation.fleet else { return unknown(now, inputs, notices) };
    let bounds = Bounds::of(policy, &state.spending, fleet, now);
    let candidates = candidate::all(&Facts { policy, state, fleet, inputs: &inputs, bounds, now });
    let on_budget = candidate::forecast::is_on_budget(policy, bounds, &candidates);
    state.budget.in_force(on_budget.then_some(policy.error_budget));
    let accepted = accepted(&candidates, fleet.desired);
    let window_s = state.window_s(policy);
    let most_gap_s = state.most_gap_s(policy);
    state.agreement.record(now, accepted, window_s, most_gap_s);
    note_surplus(state, window_s, fleet.desired, bounds, now);
    let verdict = weigh(&Facts { policy, state, fleet, inputs: &inputs, bounds, now }, &candidates, accepted);
    Decision {
        at: now,
        action: action(fleet.desired, verdict.instances),
        reason: verdict.reason,
        current: Some(fleet.desired),
        desired: Some(verdict.instances),
        inputs,
        candidates,
        limits: verdict.limits,
        notices,
        holds_for_s: verdict.holds_for_s,
    }
}

fn action(current: u32, desired: u32) -> Action {
    match desired.cmp(&current) {
        std::cmp::Ordering::Greater => Action::ScaleOut,
        std::cmp::Ordering::Less => Action::ScaleIn,
        std::cmp::Ordering::Equal => Action::Hold,
    }
}

/// Without AWS's answer nothing is assumed.
fn unknown(at: f64, inputs: Inputs, notices: Vec<Notice>) -> Decision {
    Decision {
        at,
        action: Action::Hold,
        reason: Reason::FleetUnknown,
        current: None,
        desired: None,
        inputs,
        candidates: Vec::new(),
        limits: Vec::new(),
        notices,
        holds_for_s: None,
    }
}

fn read(policy: &Policy, state: &State, observation: &Observation) -> Inputs {
    let read = |metric: fn(&Datapoint) -> Option<f64>, is_quiet: fn(&Datapoint) -> bool| {
        state.history.read(metric, is_quiet, observation.at, policy.max_age_s)
    };
    Inputs {
        requests_per_s: read(|d| d.requests_per_s, Datapoint::is_quiet),
        latency_p95_s: read(|d| d.latency_p95_s, Datapoint::is_objective_quiet),
        failed_per_s: read(|d| d.failed_per_s, Datapoint::is_quiet),
        cpu_percent: read(|d| d.cpu_percent, Datapoint::is_quiet),
        capacity_per_s: state.capacity_per_s(policy),
        boot_s: state.boot_s(policy),
        in_service: observation.fleet.as_ref().map(|fleet| fleet.in_service),
        pending: observation.fleet.as_ref().map(|fleet| fleet.pending),
        month_to_date: policy.price_per_instance_hour.map(|_| state.spending.month_to_date()),
    }
}

/// The fewest instances that every strategy accepts; all of today's if one does not agree to shrink.
fn accepted(candidates: &[Candidate], desired: u32) -> u32 {
    candidates.iter().map(|c| c.accepts.unwrap_or(desired)).max().unwrap_or(desired)
}

fn weigh(facts: &Facts, candidates: &[Candidate], accepted: u32) -> Verdict {
    let desired = facts.fleet.desired;
    let bounds = facts.bounds;
    if facts.policy.pause == Pause::All {
        return Verdict::hold(Reason::Paused, desired);
    }
    if desired > bounds.max {
        let reason = if bounds.max_is_paid() { Reason::AboveBudget } else { Reason::AboveMaximum };
        let shrunk = Verdict { instances: bounds.max, ..Verdict::hold(reason, desired) };
        return forbidden(facts).unwrap_or(shrunk);
    }
    // Of equal asks the first gives the reason, the demand's before the guard's: what the load explains is no fault.
    let most = candidates.iter().rev().max_by_key(|c| c.wants);
    match most.filter(|c| c.wants.is_some_and(|n| n > desired)) {
        Some(candidate) => scale_out(facts, bounds, candidate),
        None if desired < bounds.min => {
            Verdict { instances: bounds.min, ..Verdict::hold(Reason::BelowMinimum, desired) }
        }
        None if accepted < desired => scale_in(facts, bounds, candidates),
        None => Verdict::hold(reason::resting(facts, candidates), desired),
    }
}

fn scale_out(facts: &Facts, bounds: Bounds, candidate: &Candidate) -> Verdict {
    let desired = facts.fleet.desired;
    let passage = Passage::out(facts.policy, bounds, desired, candidate.wants.unwrap_or(desired));
    let full = if bounds.max_is_paid() { Reason::AtBudget } else { Reason::AtMaximum };
    let reason = if passage.instances > desired { reason::growing(candidate) } else { full };
    let mut limits = passage.bound_by;
    for limit in &mut limits {
        limit.risk = facts.weighed_outlook().map(|outlook| outlook.risk(limit.allowed));
    }
    Verdict { reason, instances: passage.instances, limits, holds_for_s: None }
}

/// Keeps account of what the instances cost that nobody has wanted for the whole window.
fn note_surplus(state: &mut State, window_s: f64, desired: u32, bounds: Bounds, now: f64) {
    let covered = state.agreement.uncovered_s(now, window_s) <= 0.0;
    let agreed = state.agreement.accepts().filter(|_| covered).unwrap_or(desired);
    state.surplus.note(now, desired.saturating_sub(agreed.max(bounds.min)));
}
