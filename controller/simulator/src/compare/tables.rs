//! The two tables that a comparison comes down to.

use serde::Serialize;

use super::Outcome;
use super::front::{Front, Point};
use crate::family::{self, Family};
use crate::measures::Measures;

/// The limits on violating minutes, in %, at which hours are compared.
pub const LIMITS_PERCENT: [f64; 3] = [0.5, 1.0, 2.0];

/// Both tables.
#[derive(Clone, Serialize)]
pub struct Tables {
    /// With one setting for all traces: how policies are to be judged.
    pub one_setting: Vec<OneSetting>,
    /// With the parameter tuned to each trace with hindsight: shown as such.
    pub hindsight: Vec<Hindsight>,
}

/// A family with one setting for all traces.
#[derive(Clone, Serialize)]
pub struct OneSetting {
    /// The family.
    #[serde(serialize_with = "family::name")]
    pub family: &'static Family,
    /// Mean hours against mean violations.
    pub front: Front,
    /// Mean relative hours at each of [`LIMITS_PERCENT`], interpolated on the front.
    pub hours_at: [Option<f64>; 3],
}

/// A family tuned to each trace.
#[derive(Clone, Serialize)]
pub struct Hindsight {
    /// The family.
    #[serde(serialize_with = "family::name")]
    pub family: &'static Family,
    /// For each trace, relative hours at each of [`LIMITS_PERCENT`], interpolated on that trace's front.
    pub hours_at: Vec<[Option<f64>; 3]>,
}

impl Tables {
    /// Sums up the outcomes, family by family in their order.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let families: Vec<&[Outcome]> =
            outcomes.chunk_by(|a, b| a.contender.family.name == b.contender.family.name).collect();
        Self {
            one_setting: families.iter().map(|outcomes| one_setting(outcomes)).collect(),
            hindsight: families.iter().map(|outcomes| hindsight(outcomes)).collect(),
        }
    }
}

fn one_setting(outcomes: &[Outcome]) -> OneSetting {
    let front = Front::of(outcomes.iter().map(|outcome| point(&outcome.mean)));
    let hours_at = LIMITS_PERCENT.map(|limit| front.hours_at(limit));
    OneSetting { family: outcomes[0].contender.family, front, hours_at }
}

fn hindsight(outcomes: &[Outcome]) -> Hindsight {
    let on_trace = |trace: usize| {
        let front = Front::of(outcomes.iter().map(|outcome| point(&outcome.traces[trace])));
        LIMITS_PERCENT.map(|limit| front.hours_at(limit))
    };
    let hours_at = (0..outcomes[0].traces.len()).map(on_trace).collect();
    Hindsight { family: outcomes[0].contender.family, hours_at }
}

fn point(measures: &Measures) -> Point {
    Point { violations_percent: measures.violating_minutes_percent, relative_hours: measures.relative_hours }
}
