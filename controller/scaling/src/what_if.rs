//! What the p95 would be on fewer instances: kept for certain where a load per instance like that was seen to be served
//! well, and otherwise unknown.

use crate::candidate::{Candidate, Facts, Why};
use crate::observation::Reading;

/// The fewest instances that are known to keep the objective under the demand of now and of the forecast; none if
/// nothing is known of what an instance serves.
pub(crate) fn known_good(facts: &Facts, candidates: &[Candidate]) -> Option<u32> {
    if !facts.policy.strategy.follows_demand() {
        return Some(0);
    }
    // What was added in vain is given back to a size that stood before: no trial.
    if candidates.iter().any(|c| matches!(c.why, Why::AddingDidNotHelp { .. })) {
        return Some(0);
    }
    if matches!(facts.inputs.requests_per_s, Reading::NoTraffic { .. }) {
        return Some(0);
    }
    let demand_per_s = candidates.iter().find_map(demand_per_s)?;
    let known_per_s = facts.inputs.capacity_per_s? * facts.state.curve.known_good();
    Some((demand_per_s / known_per_s).ceil() as u32)
}

fn demand_per_s(candidate: &Candidate) -> Option<f64> {
    match candidate.why {
        Why::Forecast { now_per_s, expected_per_s, .. } | Why::Risk { now_per_s, expected_per_s, .. } => {
            Some(expected_per_s.max(now_per_s))
        }
        _ => None,
    }
}
