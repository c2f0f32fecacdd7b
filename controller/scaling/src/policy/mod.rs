//! What the operator asked for, validated: a [`Policy`] that exists is a policy that makes sense.

mod check;
mod part;

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::calendar::Entry;
use crate::money::Dollars;
pub use check::PolicyError;
pub use part::{Part, Parts};

/// Which strategies may ask for instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The demand's distribution at the measured boot time, weighed by cost against risk within the error budget;
    /// with a fixed margin, as `FeedForward`, until it has learned the demand. Guarded by the latency itself.
    #[default]
    Forecast,
    /// Arrival rate against learned capacity at the measured boot time, with a fixed margin; guarded likewise.
    FeedForward,
    /// `ExStrat`'s roadmap rules: steps on p95 and CPU thresholds, and nothing else.
    Rules,
    /// AWS's target tracking, and nothing else: a metric is kept near its [`Target`].
    TargetTracking,
}

impl Strategy {
    /// Whether the fleet is sized by the demand against what an instance serves.
    pub(crate) fn follows_demand(self) -> bool {
        matches!(self, Self::Forecast | Self::FeedForward)
    }
}

/// What target tracking keeps where it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Requests per second per target, a sixtieth of AWS's `ALBRequestCountPerTarget`; 0.001 to 1,000,000.
    RequestsPerS(f64),
    /// Mean CPU in percent, AWS's `ASGAverageCPUUtilization`; 1 to 100.
    CpuPercent(f64),
}

/// What an operator has put on hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// Nothing: the group is scaled both ways.
    #[default]
    None,
    /// The group may grow but not shrink.
    ScaleIn,
    /// Decisions are made and explained, and never acted on.
    All,
}

/// The operator's settings before they are checked. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Which strategies may ask for instances.
    pub strategy: Strategy,
    /// What `TargetTracking` keeps where it is; needed by it, and meaningless to the others.
    pub target: Option<Target>,
    /// What is on hold.
    pub pause: Pause,
    /// The objective: the p95 of the response time must stay below this; 0.01 to 60 s.
    pub objective_p95_s: f64,
    /// The share of the time that may be slow; 0.0001 to 0.1.
    pub error_budget: f64,
    /// What a slow minute is worth, in minutes of one instance: a fixed price instead of an error budget; 1 to 1,000,000.
    pub slow_minute_price: Option<f64>,
    /// The share of an instance's capacity that a sized fleet uses; 0.2 to 0.95.
    pub utilisation: f64,
    /// Requests per second that one instance can serve at most, where the operator knows it. Measured otherwise.
    pub instance_capacity_per_s: Option<f64>,
    /// Seconds from launch to in service, assumed until boots have been measured; 0 to 3600.
    pub boot_s: f64,
    /// A metric whose period ended longer ago than this is stale; 5 to 3600 s.
    pub max_age_s: f64,
    /// The fleet shrinks only to the highest number that was recommended within this window; 0 to 7200 s. If not said,
    /// the time in which an instance that was given up would be back.
    pub stabilization_window_s: Option<f64>,
    /// The least time between two scale-ins; 0 to 7200 s.
    pub scale_in_cooldown_s: f64,
    /// The largest share of the fleet that one scale-in takes away (always at least one instance); 0.01 to 1. If not
    /// said, a quarter while the fleet is sized with a fixed margin, and any share once it is sized by risk.
    pub scale_in_step: Option<f64>,
    /// How often a day, at most, a fleet is tried that is smaller than what is known to keep the objective; 0 to 1,000.
    pub scale_in_trials_per_day: u32,
    /// The most instances that one scale-out adds, if limited; at least 1.
    pub scale_out_step: Option<u32>,
    /// A minimum above the group's own.
    pub min: Option<u32>,
    /// A maximum below the group's own.
    pub max: Option<u32>,
    /// What is announced to come.
    pub calendar: Vec<Entry>,
    /// The zones that the group is spread over, 2 to 8, if the loss of the largest must be survived.
    pub zone_headroom: Option<u32>,
    /// What an instance costs an hour; needed by the caps.
    pub price_per_instance_hour: Option<Dollars>,
    /// The most that the fleet may cost an hour; at least one instance's price.
    pub max_per_hour: Option<Dollars>,
    /// The most that the fleet may cost a calendar month, in UTC.
    pub max_per_month: Option<Dollars>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            target: None,
            pause: Pause::default(),
            objective_p95_s: 3.0,
            error_budget: 0.005,
            slow_minute_price: None,
            utilisation: 0.7,
            instance_capacity_per_s: None,
            boot_s: 150.0,
            // A minute's datapoint appears up to two minutes after its end (Netflix/atlas#1300); one may go missing.
            max_age_s: 240.0,
            stabilization_window_s: None,
            scale_in_cooldown_s: 60.0,
            scale_in_step: None,
            // Enough to halve a fleet of ten on its first day, which is when nothing is known.
            scale_in_trials_per_day: 24,
            scale_out_step: None,
            min: None,
            max: None,
            calendar: Vec::new(),
            zone_headroom: None,
            price_per_instance_hour: None,
            max_per_hour: None,
            max_per_month: None,
        }
    }
}

/// Validated [`Settings`], readable through `Deref`.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    settings: Settings,
    without: Parts,
}

impl Policy {
    /// The same without these parts of the forecast's strategy: an experiment, to see what they buy.
    #[must_use]
    pub fn without(self, parts: Parts) -> Self {
        Self { without: parts, ..self }
    }

    /// Whether a part is there, as it is unless an experiment leaves it out.
    pub(crate) fn has(&self, part: Part) -> bool {
        !self.without.include(part)
    }

    pub(crate) fn left_out(&self) -> Parts {
        self.without
    }
}

impl Deref for Policy {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}
