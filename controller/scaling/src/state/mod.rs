//! What must survive a restart: what was learned, and what was last done.

mod learn;

use serde::{Deserialize, Serialize};

use crate::agreement::Agreement;
use crate::boots::Boots;
use crate::budget::Budget;
use crate::candidate::guard::Guard;
use crate::capacity::Capacity;
use crate::curve::Curve;
use crate::economy::Surplus;
use crate::forecast::Forecaster;
use crate::history::History;
use crate::level::Level;
use crate::policy::{Part, Policy, Strategy};
use crate::spending::Spending;
use crate::trials::Trials;

/// The version of the serialised form. A newer program reads an older form; see [`State::from_json`].
pub const SCHEMA: u32 = 3;

/// Two of three instances serve by then; waiting for the slowest would forecast further than most need.
const BOOTED: f64 = 0.65;
/// A datapoint that is seen later than this was looked up, not awaited.
const MOST_DELAY_S: f64 = 600.0;

/// The memory between two decisions. `State::default()` is that of a controller that has seen nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    schema: u32,
    pub(crate) history: History,
    pub(crate) boots: Boots,
    pub(crate) capacity: Capacity,
    pub(crate) level: Level,
    pub(crate) curve: Curve,
    pub(crate) forecaster: Forecaster,
    pub(crate) budget: Budget,
    pub(crate) surplus: Surplus,
    pub(crate) spending: Spending,
    /// How late the newest datapoint is when it is seen, in seconds, on average.
    pub(crate) delay_s: Option<f64>,
    pub(crate) guard: Guard,
    pub(crate) trials: Trials,
    /// What scaling in would have gone down to, over the stabilization window.
    pub(crate) agreement: Agreement,
    /// The last instant at which the group was not yet as desired, or was told to change.
    pub(crate) unsettled_at: Option<f64>,
    /// Since when fewer instances serve than desired, if they do.
    pub(crate) short_since: Option<f64>,
    pub(crate) scaled_in_at: Option<f64>,
    /// The desired capacity that the group had, and the one that was decided.
    pub(crate) last_seen: Option<u32>,
    pub(crate) last_decided: Option<u32>,
}

/// A serialised state that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Written by a newer program.
    #[error(
        "the state has schema {found}, and this program reads at most {SCHEMA}: run the newer program, or start without the state"
    )]
    Newer {
        /// The schema found.
        found: u32,
    },
    /// Not a state at all.
    #[error("the state is not readable: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Default for State {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            history: History::default(),
            boots: Boots::default(),
            capacity: Capacity::default(),
            level: Level::default(),
            curve: Curve::default(),
            forecaster: Forecaster::default(),
            budget: Budget::default(),
            surplus: Surplus::default(),
            spending: Spending::default(),
            delay_s: None,
            guard: Guard::default(),
            trials: Trials::default(),
            agreement: Agreement::default(),
            unsettled_at: None,
            short_since: None,
            scaled_in_at: None,
            last_seen: None,
            last_decided: None,
        }
    }
}

impl State {
    /// Reads a state that [`serde_json`] wrote, of this schema or an older one.
    pub fn from_json(json: &str) -> Result<Self, StateError> {
        let state: Self = serde_json::from_str(json)?;
        if state.schema > SCHEMA {
            return Err(StateError::Newer { found: state.schema });
        }
        let mut state = Self { schema: SCHEMA, ..state };
        state.heal();
        Ok(state)
    }

    /// The capacity of one instance, as learned.
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// Requests per second that one instance serves: as learned, else as the operator said.
    pub(crate) fn capacity_per_s(&self, policy: &Policy) -> Option<f64> {
        self.capacity.per_instance_per_s(policy.instance_capacity_per_s)
    }

    /// The most requests per second with which an instance keeps the objective, if it is known what one serves.
    pub(crate) fn critical_per_s(&self, policy: &Policy) -> Option<f64> {
        let cliff = if policy.has(Part::LearnedCliff) { self.curve.cliff() } else { Curve::assumed() };
        self.capacity_per_s(policy).map(|capacity_per_s| cliff * capacity_per_s)
    }

    /// The boots that were measured.
    pub fn boots(&self) -> &Boots {
        &self.boots
    }

    /// Seconds from launch to in service: measured, else as the operator said.
    pub(crate) fn boot_s(&self, policy: &Policy) -> f64 {
        self.boots.p90_s().unwrap_or(policy.boot_s)
    }

    /// Seconds from a period's end until an instance that is launched on its datapoint serves.
    fn lead_s(&self, policy: &Policy) -> f64 {
        let period_s = self.history.newest().map_or(0.0, |datapoint| datapoint.period_s);
        self.delay_s.unwrap_or(period_s) + self.usual_boot_s(policy)
    }

    /// Seconds from launch to in service that most boots keep within.
    pub(crate) fn usual_boot_s(&self, policy: &Policy) -> f64 {
        self.boots.quantile_s(BOOTED).unwrap_or(policy.boot_s)
    }

    /// The window over which all must agree to shrink: as the operator said, else the time in which an instance that
    /// is given up would be back. Target tracking has its own, the fifteen datapoints of its low alarm.
    pub(crate) fn window_s(&self, policy: &Policy) -> f64 {
        match policy.strategy {
            Strategy::TargetTracking => 0.0,
            _ => policy.stabilization_window_s.unwrap_or_else(|| self.lead_s(policy)),
        }
    }

    /// How long a fleet may go undecided on and still count as watched: as long as a datapoint tells how things are,
    /// or until the next can be there.
    pub(crate) fn most_gap_s(&self, policy: &Policy) -> f64 {
        policy.max_age_s.max(self.history.newest().map_or(0.0, |newest| newest.period_s))
    }

    /// What a damaged state, or a clock that was set back, must not do harm with.
    fn forget(&mut self, now: f64) {
        let past = |at: Option<f64>| at.filter(|at| *at <= now);
        self.unsettled_at = past(self.unsettled_at);
        self.short_since = past(self.short_since);
        self.scaled_in_at = past(self.scaled_in_at);
        self.boots.prune();
        self.capacity.prune();
        self.level.prune();
        self.history.prune(now);
        self.agreement.prune(now);
        self.surplus.prune(now);
        self.spending.prune(now);
        self.guard.prune(now);
        self.trials.prune(now);
        self.forecaster.prune(now);
        self.budget.prune(now);
    }

    /// What a damaged state must not do harm with; checked once, when it is read.
    fn heal(&mut self) {
        self.curve.heal();
        self.budget.heal();
        self.forecaster.heal();
        self.delay_s = self.delay_s.filter(|delay_s| (0.0..=MOST_DELAY_S).contains(delay_s));
    }
}
