//! The scenario file's format, and what its values may be.
//!
//! ```toml
//! name = "surge"
//! seed = 7
//! load = "dashboard"           # or "four_calls"
//! objective_s = 3.0            # these three may be left out
//! timeout_s = 60
//! in_flight_max = 20000
//!
//! [[stage]]                    # an open loop: one or more stages
//! name = "before"
//! duration_s = [40, 70]        # a number, or a range from which the seed draws
//! users_per_s = 5              # a number, or { from = 5, to = 40 }
//!
//! [closed]                     # or a closed loop
//! users = 100
//! think_time_s = 8             # 0 if left out
//! ramp_s = 10                  # 0 if left out
//! duration_s = 120             # or loads_per_user = 1
//!
//! [trace]                      # or a recorded rate
//! file = "day.csv"
//! speed_up = 60
//! peak_users_per_s = 40
//! ```

use std::{collections::HashSet, path::PathBuf, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::Deserialize;

use crate::{
    input::{Input, InputError},
    load::LoadKind,
    scenario::{ClosedEnd, ClosedLoop, Scenario, Shape},
    timeline::Timeline,
    trace::Trace,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioFile {
    name: String,
    seed: u64,
    load: LoadKind,
    #[serde(default = "default_objective_s")]
    objective_s: f64,
    #[serde(default = "default_timeout_s")]
    timeout_s: f64,
    #[serde(default = "default_in_flight_max")]
    in_flight_max: usize,
    stage: Option<Vec<StageFile>>,
    closed: Option<ClosedFile>,
    trace: Option<TraceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    name: String,
    duration_s: Span,
    users_per_s: Rate,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds, or a range of them such as [40, 70]")]
enum Span {
    Fixed(f64),
    Drawn([f64; 2]),
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number of users per second, or a ramp such as { from = 5, to = 40 }"
)]
enum Rate {
    Constant(f64),
    Ramp(Ramp),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ramp {
    from: f64,
    to: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedFile {
    users: usize,
    #[serde(default)]
    think_time_s: f64,
    #[serde(default)]
    ramp_s: f64,
    duration_s: Option<f64>,
    loads_per_user: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TraceFile {
    file: PathBuf,
    speed_up: f64,
    peak_users_per_s: f64,
}

const WEEK_S: f64 = 604_800.0;
const USERS_PER_S_MAX: f64 = 10_000.0;
const USERS_MAX: usize = 20_000;

fn default_objective_s() -> f64 {
    3.0
}

fn default_timeout_s() -> f64 {
    60.0
}

fn default_in_flight_max() -> usize {
    20_000
}

impl ScenarioFile {
    pub(crate) fn parse(text: &str, input: Input<'_>) -> Result<Self, InputError> {
        toml::from_str(text).map_err(|error| input.malformed(error))
    }

    pub(crate) fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(crate) fn check(self, input: Input<'_>) -> Result<Scenario, InputError> {
        let shape = self.shape(input)?;
        if self.name.trim().is_empty() {
            return Err(input.not_allowed("name", "an empty text", "a name"));
        }
        let in_flight_max =
            input.within("in_flight_max", self.in_flight_max as f64, 1.0..=100_000.0)? as usize;
        Ok(Scenario {
            seed: self.seed,
            load: self.load,
            objective_s: input.within("objective_s", self.objective_s, 0.001..=600.0)?,
            timeout: Duration::from_secs_f64(input.within("timeout_s", self.timeout_s, 0.01..=600.0)?),
            in_flight_max,
            shape,
            name: self.name,
        })
    }

    fn shape(&self, input: Input<'_>) -> Result<Shape, InputError> {
        match (&self.stage, &self.closed, &self.trace) {
            (Some(stages), None, None) => Ok(Shape::Open(staged(stages, self.seed, input)?)),
            (None, Some(closed), None) => Ok(Shape::Closed(closed.check(input)?)),
            (None, None, Some(trace)) => Ok(Shape::Open(trace.check(input)?)),
            (stage, closed, trace) => {
                let given = [stage.is_some(), closed.is_some(), trace.is_some()]
                    .into_iter()
                    .filter(|&given| given)
                    .count();
                let found = if given == 0 { "none of them" } else { "more than one of them" };
                Err(input.not_allowed("[[stage]], [closed], [trace]", found, "exactly one of them"))
            }
        }
    }
}

fn staged(stages: &[StageFile], seed: u64, input: Input<'_>) -> Result<Timeline, InputError> {
    if stages.is_empty() {
        return Err(input.not_allowed("stage", "an empty list", "at least one stage"));
    }
    let mut draws = StdRng::seed_from_u64(seed);
    let mut names = HashSet::new();
    let mut timeline = Timeline::new();
    for (i, stage) in stages.iter().enumerate() {
        let field = |name: &str| format!("stage[{i}].{name}");
        if stage.name.trim().is_empty() || !names.insert(&stage.name) {
            let allowed = "a name that no other stage has, such as before, rise, peak, fall, after";
            return Err(input.not_allowed(&field("name"), format!("`{}`", stage.name), allowed));
        }
        let duration_s = stage.duration_s.draw(&mut draws, &field("duration_s"), input)?;
        let (from, to) = stage.users_per_s.check(&field("users_per_s"), input)?;
        timeline.push_stage(&stage.name, duration_s, from, to);
    }
    Ok(timeline)
}

impl Span {
    fn draw(&self, draws: &mut StdRng, field: &str, input: Input<'_>) -> Result<f64, InputError> {
        let in_range = |seconds| input.within(field, seconds, 0.1..=WEEK_S);
        match *self {
            Self::Fixed(seconds) => in_range(seconds),
            Self::Drawn([least, most]) => {
                let (least, most) = (in_range(least)?, in_range(most)?);
                if least > most {
                    return Err(input.not_allowed(
                        field,
                        format!("[{least}, {most}]"),
                        "a range from the smaller to the larger",
                    ));
                }
                Ok(draws.random_range(least..=most))
            }
        }
    }
}

impl Rate {
    fn check(&self, field: &str, input: Input<'_>) -> Result<(f64, f64), InputError> {
        let in_range = |rate| input.within(field, rate, 0.0..=USERS_PER_S_MAX);
        match *self {
            Self::Constant(rate) => Ok((in_range(rate)?, rate)),
            Self::Ramp(Ramp { from, to }) => Ok((in_range(from)?, in_range(to)?)),
        }
    }
}

impl ClosedFile {
    fn check(&self, input: Input<'_>) -> Result<ClosedLoop, InputError> {
        let end = match (self.duration_s, self.loads_per_user) {
            (Some(seconds), None) => {
                ClosedEnd::AfterSeconds(input.within("closed.duration_s", seconds, 0.1..=WEEK_S)?)
            }
            (None, Some(loads @ 1..)) => ClosedEnd::AfterLoads(loads),
            (None, Some(0)) => return Err(input.not_allowed("closed.loads_per_user", 0, "1 or more")),
            (given, _) => {
                let found = if given.is_some() { "both" } else { "neither" };
                return Err(input.not_allowed(
                    "closed.duration_s, closed.loads_per_user",
                    found,
                    "exactly one of them",
                ));
            }
        };
        if !(1..=USERS_MAX).contains(&self.users) {
            return Err(input.not_allowed("closed.users", self.users, &format!("1 to {USERS_MAX}")));
        }
        Ok(ClosedLoop {
            users: self.users,
            think_time_s: input.within("closed.think_time_s", self.think_time_s, 0.0..=3600.0)?,
            ramp_s: input.within("closed.ramp_s", self.ramp_s, 0.0..=WEEK_S)?,
            end,
        })
    }
}

impl TraceFile {
    fn check(&self, input: Input<'_>) -> Result<Timeline, InputError> {
        let speed_up = input.within("trace.speed_up", self.speed_up, 0.01..=100_000.0)?;
        let peak_users_per_s =
            input.within("trace.peak_users_per_s", self.peak_users_per_s, 0.01..=USERS_PER_S_MAX)?;
        let beside = input.0.parent().unwrap_or(input.0).join(&self.file);
        Ok(Trace::load(&beside)?.timeline(speed_up, peak_users_per_s))
    }
}
