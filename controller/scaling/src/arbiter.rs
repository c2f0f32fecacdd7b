//! Weighs the strategies: the highest ask wins, and the fleet shrinks only when all agreed for the whole
//! stabilization window and nothing forbids it.

use crate::candidate::{self, Alarm, Candidate, Facts, Source, Why};
use crate::decision::{Action, Decision, Inputs, Limit, LimitKind, Notice, Reason};
use crate::limits::{Bounds, Passage};
use crate::observation::{Datapoint, Observation, Reading};
use crate::policy::{Pause, Policy, Strategy};
use crate::state::State;
use crate::trials::Trials;
use crate::what_if;

/// What one scale-in takes away at most while the fleet is sized with a fixed margin.
const CAUTIOUS_SHARE: f64 = 0.25;

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
    let accepted = accepted(&candidates, fleet.desired);
    let window_s = state.window_s(policy);
    state.agreement.record(now, accepted, window_s);
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
        capacity_per_s: state.capacity.per_instance_per_s(policy.instance_capacity_per_s),
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
    let most = candidates.iter().max_by_key(|c| c.wants);
    match most.filter(|c| c.wants.is_some_and(|n| n > desired)) {
        Some(candidate) => scale_out(facts, bounds, candidate),
        None if desired < bounds.min => {
            Verdict { instances: bounds.min, ..Verdict::hold(Reason::BelowMinimum, desired) }
        }
        None if accepted < desired => scale_in(facts, bounds, candidates),
        None => Verdict::hold(resting_reason(facts, candidates), desired),
    }
}

fn scale_out(facts: &Facts, bounds: Bounds, candidate: &Candidate) -> Verdict {
    let desired = facts.fleet.desired;
    let passage = Passage::out(facts.policy, bounds, desired, candidate.wants.unwrap_or(desired));
    let full = if bounds.max_is_paid() { Reason::AtBudget } else { Reason::AtMaximum };
    let reason = if passage.instances > desired { out_reason(candidate) } else { full };
    let mut limits = passage.bound_by;
    for limit in &mut limits {
        limit.risk = facts.weighed_outlook().map(|outlook| outlook.risk(limit.allowed));
    }
    Verdict { reason, instances: passage.instances, limits, holds_for_s: None }
}

fn out_reason(candidate: &Candidate) -> Reason {
    match (candidate.by, &candidate.why) {
        (_, Why::Rule(reason)) => *reason,
        (Source::TargetTracking, _) => Reason::AboveTarget,
        (Source::LatencyGuard, _) => Reason::LatencyBreach,
        (Source::Calendar, _) => Reason::Calendar,
        (Source::ZoneHeadroom, _) => Reason::ZoneHeadroom,
        (Source::Trial, _) => Reason::TrialUndone,
        (Source::FeedForward | Source::Forecast | Source::Rules, _) => Reason::DemandForecast,
    }
}

/// What forbids to shrink, whatever the strategies say.
fn forbidden(facts: &Facts) -> Option<Verdict> {
    let desired = facts.fleet.desired;
    let failing_since = facts.now - facts.state.window_s(facts.policy).max(60.0);
    let failing = facts
        .state
        .history
        .newest_first()
        .take_while(|d| d.ended_at() >= failing_since)
        .any(Datapoint::failing);
    let reason = if facts.policy.pause == Pause::ScaleIn {
        Reason::ScaleInPaused
    } else if let Some(reason) = unread(facts) {
        reason
    } else if failing {
        Reason::RequestsFailing
    } else if facts.fleet.pending > 0 {
        Reason::AwaitingPending
    } else {
        return None;
    };
    Some(Verdict::hold(reason, desired))
}

/// Without fresh data the fleet never shrinks.
fn unread(facts: &Facts) -> Option<Reason> {
    let readings = [facts.inputs.requests_per_s, facts.inputs.latency_p95_s];
    let unread = readings.iter().find(|reading| !reading.permits_shrinking())?;
    Some(if matches!(unread, Reading::Missing) { Reason::MetricsMissing } else { Reason::MetricsStale })
}

fn scale_in(facts: &Facts, bounds: Bounds, candidates: &[Candidate]) -> Verdict {
    let desired = facts.fleet.desired;
    if desired <= bounds.min {
        return Verdict::hold(Reason::AtMinimum, desired);
    }
    if let Some(verdict) = forbidden(facts).or_else(|| unstable(facts)) {
        return verdict;
    }
    let agreed = facts.state.agreement.accepts().unwrap_or(desired);
    let passage = Passage::into_fewer(bounds, desired, agreed, scale_in_share(facts));
    let (reason, passage) = match what_if::known_good(facts, candidates) {
        Some(known) if known < desired || passage.instances >= known => {
            (in_reason(candidates), passage.limit(LimitKind::KnownLoad, |n| n.max(known)))
        }
        _ => {
            let wait_s = facts.state.trials.wait_s(facts.now, facts.policy.scale_in_trials_per_day);
            if wait_s > 0.0 {
                return Verdict::hold_for(Reason::AwaitingTrial, desired, wait_s);
            }
            let tried = Trials::step(desired);
            (Reason::ScaleInTrial, passage.limit(LimitKind::KnownLoad, |n| n.max(tried)))
        }
    };
    Verdict { reason, instances: passage.instances, limits: passage.bound_by, holds_for_s: None }
}

/// The largest share that may go at once. A fixed margin knows nothing of what comes back, and goes by quarters; a
/// fleet that is sized by risk has weighed that, and steps would only pay for instances it knows to be too many;
/// target tracking goes all the way by definition.
fn scale_in_share(facts: &Facts) -> f64 {
    let goes_all_the_way =
        facts.weighed_outlook().is_some() || facts.policy.strategy == Strategy::TargetTracking;
    let unsaid = if goes_all_the_way { 1.0 } else { CAUTIOUS_SHARE };
    facts.policy.scale_in_step.unwrap_or(unsaid)
}

/// What asks for patience: the stabilization window, then the cooldown.
fn unstable(facts: &Facts) -> Option<Verdict> {
    let (now, desired, window_s) = (facts.now, facts.fleet.desired, facts.state.window_s(facts.policy));
    let agreement = &facts.state.agreement;
    let held_up = agreement.accepts().is_none_or(|n| n >= desired);
    let wait_s = agreement.uncovered_s(now, window_s).max(if held_up {
        agreement.held_up_s(now, window_s)
    } else {
        0.0
    });
    if held_up || wait_s > 0.0 {
        return Some(Verdict::hold_for(Reason::Stabilizing, desired, wait_s));
    }
    let cooldown_s = facts.state.scaled_in_at.map_or(0.0, |at| at + facts.policy.scale_in_cooldown_s - now);
    if cooldown_s > 0.0 {
        return Some(Verdict::hold_for(Reason::Cooldown, desired, cooldown_s));
    }
    let surplus = desired.saturating_sub(agreement.accepts().unwrap_or(desired).max(facts.bounds.min));
    // A fleet that is sized by risk follows every change of it, and must be kept from following too closely. One that
    // is sized with a fixed margin moves little as it is.
    let pays_in_s = match facts.weighed_outlook() {
        Some(_) => facts.state.surplus.pays_in_s(
            surplus,
            facts.state.usual_boot_s(facts.policy),
            facts.state.level.number(),
        ),
        None => 0.0,
    };
    (pays_in_s > 0.0).then(|| Verdict::hold_for(Reason::NotWorthwhile, desired, pays_in_s))
}

/// Keeps account of what the instances cost that nobody has wanted for the whole window.
fn note_surplus(state: &mut State, window_s: f64, desired: u32, bounds: Bounds, now: f64) {
    let covered = state.agreement.uncovered_s(now, window_s) <= 0.0;
    let agreed = state.agreement.accepts().filter(|_| covered).unwrap_or(desired);
    state.surplus.note(now, desired.saturating_sub(agreed.max(bounds.min)));
}

fn in_reason(candidates: &[Candidate]) -> Reason {
    let own = candidates.iter().find_map(|c| match c.why {
        Why::Rule(reason) => Some(reason),
        Why::Tracked { .. } => Some(Reason::BelowTarget),
        Why::AddingDidNotHelp { .. } => Some(Reason::AdditionGivenBack),
        _ => None,
    });
    own.unwrap_or(Reason::DemandFell)
}

/// Why nothing happens when nobody wants anything else.
fn resting_reason(facts: &Facts, candidates: &[Candidate]) -> Reason {
    if let Some(reason) = unread(facts) {
        return reason;
    }
    let guarded = candidates.iter().find_map(|c| match c.why {
        Why::AwaitingEffect => Some(Reason::AwaitingEffect),
        Why::BacklogDraining => Some(Reason::BacklogDraining),
        Why::AddingDidNotHelp { .. } => Some(Reason::AddingDidNotHelp),
        Why::WithinBudget => Some(Reason::WithinBudget),
        Why::NoRule => Some(Reason::NoRuleFires),
        Why::Tracked { alarm: Alarm::None, .. } => Some(Reason::NearTarget),
        _ => None,
    });
    guarded.or_else(|| held_by(facts, candidates)).unwrap_or(Reason::FitsDemand)
}

/// Who alone keeps the fleet from shrinking, if it is not the demand.
fn held_by(facts: &Facts, candidates: &[Candidate]) -> Option<Reason> {
    let desired = facts.fleet.desired;
    let mut holding = candidates.iter().filter(|c| c.accepts.is_none_or(|n| n >= desired));
    match (holding.next()?.by, holding.next()) {
        (Source::Calendar, None) => Some(Reason::HeldByCalendar),
        (Source::ZoneHeadroom, None) => Some(Reason::HeldByZoneHeadroom),
        _ => None,
    }
}
