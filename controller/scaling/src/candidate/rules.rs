//! The roadmap's own rules, the simplest policy that is offered: p95 above the objective adds two, p95 below a
//! third of it takes one away, CPU above 70 % for 5 min adds two, CPU below 30 % for 15 min takes one away.

use super::{Candidate, Facts, Source, Why};
use crate::decision::Reason;

const ADDED: u32 = 2;
const FAST_SHARE: f64 = 1.0 / 3.0;
const HIGH_CPU: (f64, f64) = (70.0, 300.0);
const LOW_CPU: (f64, f64) = (30.0, 900.0);

pub(crate) fn candidate(facts: &Facts) -> Candidate {
    let desired = facts.fleet.desired;
    let opinion = |wants, accepts, why| Candidate {
        by: Source::Rules,
        wants: Some(wants),
        accepts: Some(accepts),
        why,
    };
    if let Some(reason) = high(facts) {
        // The roadmap does not say it, but a rule that fires again before the last addition serves runs away.
        let why = if is_settled(facts) { Why::Rule(reason) } else { Why::AwaitingEffect };
        let wants = if is_settled(facts) { desired.saturating_add(ADDED) } else { desired };
        return opinion(wants, desired, why);
    }
    match low(facts) {
        Some(reason) => opinion(0, desired.saturating_sub(1), Why::Rule(reason)),
        None => opinion(0, desired, Why::NoRule),
    }
}

fn high(facts: &Facts) -> Option<Reason> {
    let (cpu, for_s) = HIGH_CPU;
    let slow = facts.inputs.latency_p95_s.fresh().is_some_and(|p95_s| p95_s > facts.policy.objective_p95_s);
    let busy = || facts.state.history.sustained(facts.now, for_s, |d| d.cpu_percent.is_some_and(|c| c > cpu));
    if slow { Some(Reason::RuleLatencyHigh) } else { busy().then_some(Reason::RuleCpuHigh) }
}

fn low(facts: &Facts) -> Option<Reason> {
    let (cpu, for_s) = LOW_CPU;
    let limit_s = facts.policy.objective_p95_s * FAST_SHARE;
    let fast = facts.inputs.latency_p95_s.fresh().is_some_and(|p95_s| p95_s < limit_s);
    let idle = || facts.state.history.sustained(facts.now, for_s, |d| d.cpu_percent.is_some_and(|c| c < cpu));
    if fast { Some(Reason::RuleLatencyLow) } else { idle().then_some(Reason::RuleCpuLow) }
}

/// Whether the newest period lies wholly after the last change.
fn is_settled(facts: &Facts) -> bool {
    let newest = facts.state.history.newest();
    facts.state.unsettled_at.is_none_or(|at| newest.is_some_and(|d| d.at > at))
}
