//! Headroom for the loss of a zone: the fleet that still serves the expected demand, up to the cliff, when its
//! largest zone is gone. A group spreads its instances evenly, so that the largest of `Z` zones holds a `Z`th of
//! them, rounded up.

use super::{Candidate, Facts, Source, Why};

/// None unless the policy asks for it.
pub(crate) fn candidate(facts: &Facts, sizing: &Candidate) -> Option<Candidate> {
    let zones = facts.policy.zone_headroom?;
    let opinion = |wants, why| Candidate { by: Source::ZoneHeadroom, wants, accepts: wants, why };
    let Some((expected_per_s, critical_per_s)) = figures(facts, sizing) else {
        // What cannot be judged is no ground to shrink.
        return Some(opinion(None, sizing.why.clone()));
    };
    let needed = (expected_per_s / critical_per_s).ceil() as u32;
    let why = Why::ZoneLoss { zones, expected_per_s, critical_per_s };
    Some(opinion(Some(surviving(needed, zones)), why))
}

/// The expected demand, and what an instance serves within the objective, in requests per second.
fn figures(facts: &Facts, sizing: &Candidate) -> Option<(f64, f64)> {
    match sizing.why {
        Why::Risk { expected_per_s, critical_per_s, .. } => Some((expected_per_s, critical_per_s)),
        Why::Forecast { expected_per_s, capacity_per_s, .. } => {
            Some((expected_per_s, capacity_per_s * facts.state.curve.cliff()))
        }
        _ => None,
    }
}

/// The smallest fleet that has `needed` left without its largest zone. Of `needed + k`, a zone holds at most `k`
/// exactly if `k` is a `Z - 1`th of `needed`, rounded up.
fn surviving(needed: u32, zones: u32) -> u32 {
    needed.saturating_add(needed.div_ceil(zones.saturating_sub(1).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_smallest_fleet_that_survives() {
        let survives = |fleet: u32, needed, zones| fleet - fleet.div_ceil(zones) >= needed;
        for zones in 2..=6 {
            for needed in 1..100 {
                let fleet = surviving(needed, zones);
                assert!(
                    survives(fleet, needed, zones) && !survives(fleet - 1, needed, zones),
                    "{needed} {zones}"
                );
            }
            assert_eq!(surviving(0, zones), 0);
        }
    }
}
