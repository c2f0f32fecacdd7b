//! What to do and why, as data. The sentences for people are rendered from it by [`Decision::explain`].

use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;
use crate::money::Dollars;
use crate::observation::Reading;

/// The outcome of one decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// When it was made: Unix time in seconds, as in the observation.
    pub at: f64,
    /// What to do.
    pub action: Action,
    /// The one reason that settled it.
    pub reason: Reason,
    /// The group's desired capacity as AWS told it; absent when AWS did not answer.
    pub current: Option<u32>,
    /// The desired capacity that should be; equal to `current` when holding.
    pub desired: Option<u32>,
    /// What was known, and how old it was.
    pub inputs: Inputs,
    /// Who asked for how many.
    pub candidates: Vec<Candidate>,
    /// The limits that bound, in the order in which they were applied.
    pub limits: Vec<Limit>,
    /// What an operator should know besides.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// When a hold is only for a time: seconds until it is over.
    #[serde(default)]
    pub holds_for_s: Option<f64>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Raise the desired capacity.
    ScaleOut,
    /// Lower the desired capacity.
    ScaleIn,
    /// Leave it.
    Hold,
}

/// Why, as a stable code: the same in the journal, the metrics' labels and the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Out: the demand expected once new instances serve needs more of them.
    DemandForecast,
    /// Out: the p95 is above the objective, and what is known of the load does not explain it yet.
    LatencyBreach,
    /// Out: the group is smaller than its minimum.
    BelowMinimum,
    /// Out: the roadmap's rule on high p95.
    RuleLatencyHigh,
    /// Out: the roadmap's rule on high CPU.
    RuleCpuHigh,
    /// Out: the metric was above its target for three datapoints.
    AboveTarget,
    /// Out: the calendar announces that more will be needed.
    Calendar,
    /// Out: the loss of a zone would leave too few.
    ZoneHeadroom,
    /// Out: fewer were tried, and the p95 broke the objective.
    TrialUndone,
    /// In: every strategy agreed, for the whole stabilization window, that fewer suffice.
    DemandFell,
    /// In: fewer are tried than are known to keep the objective.
    ScaleInTrial,
    /// In: adding instances did not help, and these are given back.
    AdditionGivenBack,
    /// In: the group is larger than its maximum.
    AboveMaximum,
    /// In: the group costs more than its budget in $ allows.
    AboveBudget,
    /// In: the roadmap's rule on low p95.
    RuleLatencyLow,
    /// In: the roadmap's rule on low CPU.
    RuleCpuLow,
    /// In: the metric was below nine tenths of its target for fifteen datapoints.
    BelowTarget,
    /// Hold: the fleet is what the demand needs.
    FitsDemand,
    /// Hold: fewer would do for the demand, but the calendar announces it.
    HeldByCalendar,
    /// Hold: fewer would do for the demand, but not if a zone were lost.
    HeldByZoneHeadroom,
    /// Hold: no rule fires.
    NoRuleFires,
    /// Hold: neither of target tracking's alarms is on.
    NearTarget,
    /// Hold: AWS did not answer, so nothing is known of the group.
    FleetUnknown,
    /// Hold: there is no recent metric to decide on.
    MetricsStale,
    /// Hold: there never was a metric to decide on.
    MetricsMissing,
    /// Hold: fewer would do, but requests fail.
    RequestsFailing,
    /// Hold: the p95 is above the objective, and what was added has yet to show.
    AwaitingEffect,
    /// Hold: fewer would do, but instances are still on their way.
    AwaitingPending,
    /// Hold: the p95 is above the objective only because a backlog is being worked off.
    BacklogDraining,
    /// Hold: the p95 is above the objective as the load is, and what that costs is within the error budget.
    WithinBudget,
    /// Hold: fewer may do, but that is not known, and no trial may begin yet.
    AwaitingTrial,
    /// Hold: the p95 is above the objective, and adding instances did not help. Worth an alert: the cause is elsewhere.
    AddingDidNotHelp,
    /// Hold: fewer would do now, but more were needed within the stabilization window.
    Stabilizing,
    /// Hold: fewer would do, but the last scale-in was a moment ago.
    Cooldown,
    /// Hold: fewer would do, but what that saves is not yet worth getting them back later.
    NotWorthwhile,
    /// Hold: more are needed, but the maximum is reached.
    AtMaximum,
    /// Hold: more are needed, but the budget in $ allows no more.
    AtBudget,
    /// Hold: fewer would do, but the minimum is reached.
    AtMinimum,
    /// Hold: an operator paused the group.
    Paused,
    /// Hold: an operator paused scaling in.
    ScaleInPaused,
}

/// The readings that a decision was based on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Inputs {
    /// Requests per second, over all target groups.
    pub requests_per_s: Reading,
    /// p95 of the response time in seconds, of the target group that has the objective.
    pub latency_p95_s: Reading,
    /// Failed requests per second.
    pub failed_per_s: Reading,
    /// Mean CPU in percent.
    pub cpu_percent: Reading,
    /// Requests per second that one instance is believed to serve at most.
    pub capacity_per_s: Option<f64>,
    /// Seconds from launch to in service, as measured (or as configured until then).
    pub boot_s: f64,
    /// Instances in service.
    pub in_service: Option<u32>,
    /// Instances on their way.
    pub pending: Option<u32>,
    /// What the fleet has cost this month, as far as it was watched; absent without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_to_date: Option<Dollars>,
}

/// A limit that changed what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limit {
    /// Which.
    pub kind: LimitKind,
    /// Instances asked for.
    pub asked: u32,
    /// Instances that it allowed.
    pub allowed: u32,
    /// What keeping to it risks: the probability that `allowed` are too few to keep the objective, 0 to 1, where the
    /// demand is forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
}

/// Which limit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// The group's minimum, or the policy's where that is higher.
    Minimum,
    /// The group's maximum, or the policy's where that is lower.
    Maximum,
    /// The policy's budget in $ an hour.
    HourlyBudget,
    /// The policy's budget in $ a month, as far as it is not spent.
    MonthlyBudget,
    /// The policy's largest scale-out.
    ScaleOutStep,
    /// The policy's largest scale-in.
    ScaleInStep,
    /// The load per instance up to which the p95 is known to keep the objective, or a trial's step beyond it.
    KnownLoad,
}

/// What an operator should know besides the decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum Notice {
    /// Somebody else changed the desired capacity. It is respected, and the decision starts from it.
    ForeignChange {
        /// What this controller last knew or set.
        expected: u32,
        /// What the group says.
        found: u32,
    },
    /// The p95 breaks the objective and adding instances did not help: somebody should look elsewhere. Told once.
    NotCapacity {
        /// In seconds; 60 where failures make the breach.
        p95_s: f64,
    },
    /// That is over: the objective is kept again, or adding does help.
    NotCapacityOver,
    /// A datapoint was refused because its numbers make no sense.
    DatapointRefused {
        /// The datapoint's own time.
        at: f64,
    },
}
