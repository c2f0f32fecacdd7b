//! Sizing by the cause: the arrival rate, which leads the latency and does not depend on the fleet's size.

use super::{Candidate, Facts, Source, Why};
use crate::demand::Demand;
use crate::observation::Reading;

/// A fleet is too small only when the demand says so by this many standard deviations of its own counting noise:
/// a demand that hovers at the edge of a fleet's size would otherwise add an instance now and then.
const CERTAIN: f64 = 4.0;
/// Scaling in aims at a lower utilisation than scaling out, so that no load is both too much for `n - 1`
/// instances and too little for `n`.
const SCALE_IN_SHARE: f64 = 0.9;
/// Without a capacity to size by, one instance is tried off while the p95 stays below this share of the objective.
const TRIAL_SHARE: f64 = 0.5;

pub(crate) fn candidate(facts: &Facts) -> Candidate {
    let opinion = |wants, accepts, why| Candidate { by: Source::FeedForward, wants, accepts, why };
    let Some(demand) = demand(facts) else { return opinion(None, None, Why::NoDemandMetric) };
    let Some(capacity_per_s) = facts.state.capacity_per_s(facts.policy) else {
        return opinion(None, trial(facts, &demand), Why::CapacityUnknown);
    };
    let demand = settled(facts).unwrap_or(demand);
    let lead_s = facts.inputs.boot_s + period_s(facts);
    let expected_per_s = demand.after(lead_s);
    let why = Why::Forecast { now_per_s: demand.now_per_s, expected_per_s, lead_s, capacity_per_s };
    let utilisation = facts.policy.utilisation;
    let needed = instances(expected_per_s, capacity_per_s * utilisation);
    let certainly = instances(expected_per_s - CERTAIN * demand.noise_per_s, capacity_per_s * utilisation);
    let wants = if certainly > facts.fleet.desired { needed } else { needed.min(facts.fleet.desired) };
    let accepts = instances(demand.now_per_s, capacity_per_s * utilisation * SCALE_IN_SHARE);
    opinion(Some(wants), Some(accepts.max(wants)), why)
}

/// The demand if it is known: no traffic is a demand of nothing.
fn demand(facts: &Facts) -> Option<Demand> {
    match facts.inputs.requests_per_s {
        Reading::Fresh { .. } => Demand::of(&facts.state.history),
        Reading::NoTraffic { .. } => Some(Demand::NONE),
        Reading::Stale { .. } | Reading::Missing => None,
    }
}

/// The demand, once its level has settled: a better estimate than the newest datapoints', and one that rests.
fn settled(facts: &Facts) -> Option<Demand> {
    let is_asked = facts.inputs.requests_per_s.fresh().is_some();
    facts.state.level.settled_per_s().filter(|_| is_asked).map(Demand::settled)
}

/// How far one may go down without knowing the capacity: an instance at a time while latency is far from the
/// objective. Each success proves a higher rate per instance; and nobody asking proves that none is needed.
fn trial(facts: &Facts, demand: &Demand) -> Option<u32> {
    if demand.now_per_s == 0.0 {
        return Some(0);
    }
    let p95_s = facts.inputs.latency_p95_s.fresh()?;
    let far = p95_s < TRIAL_SHARE * facts.policy.objective_p95_s;
    far.then(|| facts.fleet.desired.saturating_sub(1))
}

/// A rate is that of its period's middle, and what is decided on it stands until the next period has been seen: on
/// average one period passes. Not the datapoint's age at this tick, or each tick would see another future in the
/// same data.
fn period_s(facts: &Facts) -> f64 {
    facts.state.history.newest().map_or(0.0, |datapoint| datapoint.period_s)
}

/// The fewest instances whose joint capacity covers the demand. The cast saturates: more than four billion
/// instances are as out of reach as infinity.
fn instances(demand_per_s: f64, per_instance_per_s: f64) -> u32 {
    (demand_per_s / per_instance_per_s).ceil() as u32
}
