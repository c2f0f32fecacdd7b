//! The one reason that settled it, where that is a matter of who said what.

use super::shrink::unread;
use crate::candidate::{Alarm, Candidate, Facts, Source, Why};
use crate::decision::Reason;

/// Why the fleet grows.
pub(super) fn growing(candidate: &Candidate) -> Reason {
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

/// Why it shrinks.
pub(super) fn shrinking(candidates: &[Candidate]) -> Reason {
    let own = candidates.iter().find_map(|c| match c.why {
        Why::Rule(reason) => Some(reason),
        Why::Tracked { .. } => Some(Reason::BelowTarget),
        Why::AddingDidNotHelp { .. } => Some(Reason::AdditionGivenBack),
        _ => None,
    });
    own.unwrap_or(Reason::DemandFell)
}

/// Why nothing happens when nobody wants anything else.
pub(super) fn resting(facts: &Facts, candidates: &[Candidate]) -> Reason {
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
