//! The strategies. Each looks at the same facts and says how many instances it wants, how few it would accept,
//! and why. None of them acts: the arbiter weighs them.

pub(crate) mod calendar;
pub(crate) mod feed_forward;
pub(crate) mod forecast;
pub(crate) mod guard;
pub(crate) mod rules;
pub(crate) mod target_tracking;
pub(crate) mod zone_headroom;

use serde::{Deserialize, Serialize};

use crate::decision::{Inputs, Reason};
use crate::forecast::{Outlook, ladder};
use crate::limits::Bounds;
use crate::observation::{Fleet, Reading};
use crate::policy::{Policy, Strategy};
use crate::state::State;

/// One strategy's opinion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// Whose it is.
    pub by: Source,
    /// The number it asks for; none if it has no ground for a number.
    pub wants: Option<u32>,
    /// The lowest number it would agree to; none if it does not agree to shrink at all.
    pub accepts: Option<u32>,
    /// Why.
    pub why: Why,
}

/// Which strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Arrival rate against learned capacity, at the boot time.
    FeedForward,
    /// The demand's distribution at the boot time, weighed by cost against risk.
    Forecast,
    /// The objective itself: the latency.
    LatencyGuard,
    /// The roadmap's rules.
    Rules,
    /// AWS's target tracking.
    TargetTracking,
    /// What the operator announced.
    Calendar,
    /// The loss of the largest zone.
    ZoneHeadroom,
    /// A scale-in that was tried, and is to be undone.
    Trial,
}

/// A strategy's ground, with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Why {
    /// The demand, now and when an instance launched now would serve, against what one instance serves.
    Forecast {
        /// Requests per second now.
        now_per_s: f64,
        /// Requests per second in `lead_s`.
        expected_per_s: f64,
        /// Seconds until an instance launched now would serve.
        lead_s: f64,
        /// Requests per second that one instance serves at most.
        capacity_per_s: f64,
    },
    /// The demand as a risk, when an instance launched now would serve.
    Risk {
        /// Requests per second now.
        now_per_s: f64,
        /// Requests per second in `lead_s`, the likeliest.
        expected_per_s: f64,
        /// Seconds until an instance launched now would serve, from the end of the newest datapoint.
        lead_s: f64,
        /// Requests per second that one instance serves within the objective.
        critical_per_s: f64,
        /// The probability that the number asked for is too low; 0 to 1.
        risk: f64,
        /// What a slow minute is worth, in instance-minutes.
        price: f64,
    },
    /// There is no recent request count.
    NoDemandMetric,
    /// Nothing has shown yet what an instance can serve.
    CapacityUnknown,
    /// The p95 keeps the objective.
    WithinObjective,
    /// There is no recent latency.
    NoLatencyMetric,
    /// The p95 breaks the objective, or so many requests fail that it would if they were timed.
    Breach {
        /// In seconds; the timeout's 60 s where failures make the breach.
        p95_s: f64,
    },
    /// A breach, but the last change is too recent to be judged by it.
    AwaitingEffect,
    /// A breach, but more responses leave than requests arrive, and the fleet is large enough.
    BacklogDraining,
    /// A breach that the load explains: the forecast weighs it within the error budget.
    WithinBudget,
    /// A breach, and what was added did not lower the latency.
    AddingDidNotHelp {
        /// Seconds until adding is tried again.
        #[serde(default)]
        again_in_s: f64,
    },
    /// A scale-in that was tried broke the objective.
    TrialFailed,
    /// A rule fires; the reason names it.
    Rule(
        // Serde writes the reason as a key without a value beside the tag.
        #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, ()>"))] Reason,
    ),
    /// No rule fires.
    NoRule,
    /// Target tracking's metric against its target, and which alarm that has set off.
    Tracked {
        /// The newest datapoint's, in requests per second per target or in percent of CPU.
        metric: f64,
        /// In the same unit.
        target: f64,
        /// The alarm that is on.
        alarm: Alarm,
    },
    /// Target tracking's newest datapoint lacks its metric.
    NoTrackedMetric,
    /// An entry of the calendar is in force, or will be when an instance launched now serves.
    Announced {
        /// Its name.
        entry: String,
        /// Seconds until it begins; 0 while it is in force.
        starts_in_s: f64,
        /// The demand that it announces.
        requests_per_s: Option<f64>,
    },
    /// The calendar announces nothing that soon.
    NothingAnnounced,
    /// The expected demand, against what is left without the largest zone.
    ZoneLoss {
        /// Zones that the group is spread over.
        zones: u32,
        /// Requests per second that are expected.
        expected_per_s: f64,
        /// Requests per second that one instance serves within the objective.
        critical_per_s: f64,
    },
}

/// Which of target tracking's alarms is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// Above the target for three datapoints.
    High,
    /// Below nine tenths of it for fifteen.
    Low,
    /// Neither.
    None,
}

/// What a strategy may look at.
pub(crate) struct Facts<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) state: &'a State,
    pub(crate) fleet: &'a Fleet,
    pub(crate) inputs: &'a Inputs,
    pub(crate) bounds: Bounds,
    pub(crate) now: f64,
}

impl<'a> Facts<'a> {
    /// The outlook that the fleet is sized by, if it is sized by one.
    pub(crate) fn weighed_outlook(&self) -> Option<&'a Outlook> {
        let is_known =
            matches!(self.inputs.requests_per_s, Reading::Fresh { .. } | Reading::NoTraffic { .. });
        let within_reach = ladder::SIZES.last().is_some_and(|most| self.fleet.desired < *most);
        let is_chosen = self.policy.strategy == Strategy::Forecast;
        self.state.forecaster.outlook().filter(|_| is_chosen && is_known && within_reach)
    }
}

/// The opinions of the strategies that the policy chose.
pub(crate) fn all(facts: &Facts) -> Vec<Candidate> {
    let followed = |sizing: Candidate| {
        let headroom = zone_headroom::candidate(facts, &sizing);
        [Some(sizing), Some(guard::candidate(facts)), headroom].into_iter().flatten().collect()
    };
    let mut candidates = match facts.policy.strategy {
        Strategy::Forecast => followed(forecast::candidate(facts)),
        Strategy::FeedForward => followed(feed_forward::candidate(facts)),
        Strategy::Rules => vec![rules::candidate(facts)],
        Strategy::TargetTracking => vec![target_tracking::candidate(facts)],
    };
    candidates.extend(calendar::candidate(facts));
    candidates.extend(undo(facts));
    candidates
}

/// The undoing of a scale-in that was tried and broke the objective.
fn undo(facts: &Facts) -> Option<Candidate> {
    let wants = facts.state.trials.undo_to();
    wants.map(|_| Candidate { by: Source::Trial, wants, accepts: wants, why: Why::TrialFailed })
}
