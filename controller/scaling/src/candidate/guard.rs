//! The objective itself. The guard speaks up when the latency breaks it although the sizing was content, and it
//! tests whether adding instances helped before it adds more.
//!
//! Additions in vain freeze it: it tells, gives back what it added, and probes again after a wait that doubles. That is
//! the guard's own opinion only; a demand that needs more instances gets them all the same.

use serde::{Deserialize, Serialize};

use super::{Candidate, Facts, Source, Why};
use crate::back_off::BackOff;
use crate::decision::Notice;
use crate::observation::{BEYOND_P95, Datapoint, Reading};

/// The roadmap's step on a breach, and the least that the guard adds.
const STEP: u32 = 2;
/// Larger fleets step by a tenth, or two instances would not be noticed.
const STEP_SHARE: f64 = 0.1;
/// An addition helped if the p95 fell at least to this share of what it was.
const HELPED_SHARE: f64 = 0.9;
/// After so many additions in a row that did not help, more of them are not the cure.
const MOST_FUTILE: u32 = 2;
/// What a failed request counts for: a load balancer's idle timeout. When as many fail as lie beyond the p95, it is that
/// of the failed ones.
const FAILED_AS_S: f64 = 60.0;

/// The first probe after a freeze; each that is in vain doubles the wait, up to the longest. What slows a service from
/// elsewhere, a deployment or a database, lasts minutes or hours.
const PROBE_AFTER_S: BackOff = BackOff { first: 900.0, factor: 2.0, longest: LONGEST_WAIT_S };
const LONGEST_WAIT_S: f64 = 4.0 * 3_600.0;
/// A freeze ends when the objective was kept for so long: a latency that hovers at the objective would else be
/// answered anew each time it crosses it.
const CALM_S: f64 = 600.0;
/// Instances with less CPU than this are not the ones that are waited for.
const BUSY_CPU_PERCENT: f64 = 60.0;

/// What the guard remembers of its own additions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Guard {
    /// The slowness that is being answered: that of the newest breach.
    breach_s: Option<f64>,
    /// The slowness at the last addition, until its effect has been judged.
    added_at_breach_s: Option<f64>,
    /// Additions in a row that did not help.
    futile: u32,
    /// The fleet before the first of these.
    before: Option<u32>,
    frozen: Option<Frozen>,
}

/// Adding did not help, and is only tried again now and then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Frozen {
    /// When the last addition was found to be in vain.
    at: f64,
    /// Probes in vain since then.
    probes: u32,
    calm_since: Option<f64>,
}

impl Frozen {
    fn probes_at(&self) -> f64 {
        self.at + PROBE_AFTER_S.after(self.probes)
    }
}

impl Guard {
    /// Judges the last addition by the first datapoint that lies wholly after it took effect. Tells when the guard
    /// freezes, and when that is over.
    pub(crate) fn learn(
        &mut self,
        datapoint: &Datapoint,
        objective_p95_s: f64,
        critical_per_s: Option<f64>,
        unsettled_at: Option<f64>,
    ) -> Option<Notice> {
        let slow_s = slowness_s(datapoint)?;
        if slow_s <= objective_p95_s {
            return self.calm(datapoint);
        }
        if let Some(frozen) = &mut self.frozen {
            frozen.calm_since = None;
        }
        self.breach_s = Some(slow_s);
        if unsettled_at.is_some_and(|at| datapoint.at <= at) {
            return None;
        }
        let before_s = self.added_at_breach_s.take()?;
        if slow_s <= HELPED_SHARE * before_s {
            return self.thaw();
        }
        self.futile = self.futile.saturating_add(1);
        let most = if is_elsewhere(datapoint, critical_per_s) { 1 } else { MOST_FUTILE };
        if self.futile < most { None } else { self.freeze(datapoint.ended_at(), slow_s) }
    }

    /// The objective is kept: that is the end of it, if it is not frozen; then it must be kept for a while.
    fn calm(&mut self, datapoint: &Datapoint) -> Option<Notice> {
        let Some(frozen) = &mut self.frozen else {
            *self = Self::default();
            return None;
        };
        let since = *frozen.calm_since.get_or_insert(datapoint.at);
        if datapoint.ended_at() - since < CALM_S { None } else { self.thaw() }
    }

    fn thaw(&mut self) -> Option<Notice> {
        std::mem::take(self).frozen.map(|_| Notice::NotCapacityOver)
    }

    fn freeze(&mut self, now: f64, p95_s: f64) -> Option<Notice> {
        let probes = self.frozen.take().map(|frozen| frozen.probes.saturating_add(1));
        self.frozen = Some(Frozen { at: now, probes: probes.unwrap_or(0), calm_since: None });
        probes.is_none().then_some(Notice::NotCapacity { p95_s })
    }

    /// The guard's request was granted, to a fleet of so many.
    pub(crate) fn stepped(&mut self, instances: Option<u32>) {
        self.added_at_breach_s = self.breach_s;
        self.before = self.before.or(instances);
    }

    /// Forgets what lies in the future.
    pub(crate) fn prune(&mut self, now: f64) {
        if self.frozen.as_ref().is_some_and(|frozen| frozen.at.is_nan() || frozen.at > now + LONGEST_WAIT_S) {
            *self = Self::default();
        }
    }
}

/// Whether the breach is not the instances': each has no more to do than it was seen to do well, and CPU to spare. An
/// unknown CPU proves nothing, as service that got slower keeps instances busy at any load.
fn is_elsewhere(datapoint: &Datapoint, critical_per_s: Option<f64>) -> bool {
    let (Some(critical_per_s), Some(arrived), Some(serving), Some(cpu)) =
        (critical_per_s, datapoint.requests_per_s, datapoint.serving(), datapoint.cpu_percent)
    else {
        return false;
    };
    cpu < BUSY_CPU_PERCENT && arrived <= serving * critical_per_s
}

/// The p95 with failures counted as slow, which they are to whoever waits for an answer.
pub(crate) fn slowness_s(datapoint: &Datapoint) -> Option<f64> {
    let failed = datapoint.failed_per_s.unwrap_or(0.0);
    if failed > 0.0 && failed >= BEYOND_P95 * datapoint.requests_per_s.unwrap_or(failed) {
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
    if facts.state.trials.undo_to().is_some() {
        return stay(Why::TrialFailed);
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
    if let Some(again_in_s) = facts.state.guard.frozen.as_ref().map(|frozen| frozen.probes_at() - facts.now)
        && again_in_s > 0.0
    {
        // What was added in vain may go again.
        let accepts = facts.state.guard.before.unwrap_or(desired).min(desired);
        return opinion(Some(desired), Some(accepts), Why::AddingDidNotHelp { again_in_s });
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
    let capacity = facts.state.capacity_per_s(facts.policy);
    let within_means = capacity.is_some_and(|per_s| arrived <= serving * per_s * facts.policy.utilisation);
    completed > arrived && within_means && !datapoint.failing()
}
