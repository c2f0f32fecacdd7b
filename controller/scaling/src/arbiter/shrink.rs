//! Scaling in: what forbids it, what asks for patience, and how far it goes.

use super::{Verdict, reason};
use crate::candidate::{Candidate, Facts};
use crate::decision::{LimitKind, Reason};
use crate::limits::{Bounds, Passage};
use crate::observation::{Datapoint, Reading};
use crate::policy::{Part, Pause, Strategy};
use crate::trials::Trials;
use crate::what_if;

/// What one scale-in takes away at most while the fleet is sized with a fixed margin.
const CAUTIOUS_SHARE: f64 = 0.25;

pub(super) fn scale_in(facts: &Facts, bounds: Bounds, candidates: &[Candidate]) -> Verdict {
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
            (reason::shrinking(candidates), passage.limit(LimitKind::KnownLoad, |n| n.max(known)))
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
        Some(_) if facts.policy.has(Part::Economy) => facts.state.surplus.pays_in_s(
            surplus,
            facts.state.usual_boot_s(facts.policy),
            facts.state.level.number(),
        ),
        _ => 0.0,
    };
    (pays_in_s > 0.0).then(|| Verdict::hold_for(Reason::NotWorthwhile, desired, pays_in_s))
}

/// What forbids to shrink, whatever the strategies say.
pub(super) fn forbidden(facts: &Facts) -> Option<Verdict> {
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
pub(super) fn unread(facts: &Facts) -> Option<Reason> {
    let readings = [facts.inputs.requests_per_s, facts.inputs.latency_p95_s];
    let unread = readings.iter().find(|reading| !reading.permits_shrinking())?;
    Some(if matches!(unread, Reading::Missing) { Reason::MetricsMissing } else { Reason::MetricsStale })
}
