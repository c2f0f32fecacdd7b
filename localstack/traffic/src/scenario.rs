//! A scenario: who comes, when, and what they ask for. Checked when it is loaded, so that a run cannot fail by it.

use std::{path::Path, time::Duration};

use crate::{
    input::{Input, InputError},
    load::LoadKind,
    scenario_file::ScenarioFile,
    timeline::{Stage, Timeline},
};

/// A load that can be run. Equal files and seeds give equal schedules.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// For people.
    pub name: String,
    /// Of every draw: durations, arrivals, think times.
    pub seed: u64,
    /// What one load asks for.
    pub load: LoadKind,
    /// A load that takes longer, in seconds, or fails, is slow.
    pub objective_s: f64,
    /// A call that takes longer fails.
    pub timeout: Duration,
    /// A load that would be one more than this in flight is not sent, and counted as failed.
    pub in_flight_max: usize,
    /// Who comes when.
    pub shape: Shape,
}

/// Who decides when a load starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// The schedule, whether the server keeps up or not.
    Open(Timeline),
    /// The users, each when he has his answer and has thought.
    Closed(ClosedLoop),
}

/// A fixed number of users.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedLoop {
    /// How many.
    pub users: usize,
    /// Mean of the exponential pause between an answer and the next load, in seconds; 0 is none.
    pub think_time_s: f64,
    /// They begin one after the other, evenly over this many seconds; 0: all at once.
    pub ramp_s: f64,
    /// When they stop.
    pub end: ClosedEnd,
}

/// When the users of a closed loop stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClosedEnd {
    /// No load starts after this many seconds.
    AfterSeconds(f64),
    /// Each user does this many loads.
    AfterLoads(u32),
}

impl Scenario {
    /// Reads a scenario file. A trace that it names is looked for beside it.
    pub fn load(path: &Path) -> Result<Self, InputError> {
        Self::parse(&Input(path).read()?, path)
    }

    /// As [`load`](Self::load), with another seed than the file's.
    pub fn load_seeded(path: &Path, seed: u64) -> Result<Self, InputError> {
        let input = Input(path);
        ScenarioFile::parse(&input.read()?, input)?.seeded(seed).check(input)
    }

    /// As [`load`](Self::load), from a text; the path is for the messages, and a trace is looked for beside it.
    pub fn parse(text: &str, path: &Path) -> Result<Self, InputError> {
        let input = Input(path);
        ScenarioFile::parse(text, input)?.check(input)
    }

    /// The same, and then on and on at its last rate (for a week): for an operator who turns the load by hand.
    #[must_use]
    pub fn kept(mut self) -> Self {
        const WEEK_S: f64 = 7.0 * 86_400.0;
        match &mut self.shape {
            Shape::Open(timeline) => {
                let rate_per_s = timeline.last_rate_per_s();
                timeline.push_stage("kept", WEEK_S, rate_per_s, rate_per_s);
            }
            Shape::Closed(closed) => closed.end = ClosedEnd::AfterSeconds(WEEK_S),
        }
        self
    }

    /// The named parts of an open loop; none of a closed one.
    pub fn stages(&self) -> &[Stage] {
        match &self.shape {
            Shape::Open(timeline) => timeline.stages(),
            Shape::Closed(_) => &[],
        }
    }

    /// Whether the load is the same throughout, but for chance; a closed loop's depends on the answers.
    pub fn is_constant(&self) -> bool {
        matches!(&self.shape, Shape::Open(timeline) if timeline.is_constant())
    }

    /// When the last load starts at the latest, in seconds; unknown if the users decide.
    pub fn duration_s(&self) -> Option<f64> {
        match &self.shape {
            Shape::Open(timeline) => Some(timeline.duration_s()),
            Shape::Closed(ClosedLoop { end: ClosedEnd::AfterSeconds(seconds), .. }) => Some(*seconds),
            Shape::Closed(_) => None,
        }
    }
}
