//! Many policies on many traces, and what follows from it.

mod front;
mod story;
mod tables;

pub use front::{Front, Point};
pub use story::{Scene, Story};
pub use tables::{Hindsight, LIMITS_PERCENT, OneSetting, Tables};

use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;

use crate::engine::Kind;
use crate::family::{Contender, Setting};
use crate::measures::Measures;
use crate::oracle::Oracle;
use crate::plant::Plant;
use crate::simulation::{Run, simulate};
use crate::trace::Trace;
use crate::workload::Workload;

/// What is to be compared.
pub struct Plan {
    /// The world.
    pub plant: Plant,
    /// How requests are served.
    pub engine: Kind,
    /// Whether policies are told what an instance serves.
    pub curve_given: bool,
    /// The loads.
    pub traces: Vec<Trace>,
    /// What is taken of them.
    pub scale: Scale,
    /// Each trace is run with the seeds from 1 to this.
    pub seeds: u64,
    /// The policies.
    pub contenders: Vec<Contender>,
}

/// What is taken of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Its shape, scaled to the plant.
    Shape,
    /// Its requests as they are: the plant was learned from where they came.
    Requests,
}

/// A policy's figures.
#[derive(Clone, Serialize)]
pub struct Outcome {
    /// The policy.
    #[serde(flatten)]
    pub contender: Contender,
    /// For each trace, the mean over the seeds.
    pub traces: Vec<Measures>,
    /// The mean over the traces.
    pub mean: Measures,
}

/// A load with its oracle: what every contender is run on.
struct World {
    workload: Workload,
    oracle: Oracle,
}

impl Plan {
    /// How many runs this takes.
    pub fn runs(&self) -> u64 {
        self.contenders.len() as u64 * self.traces.len() as u64 * self.seeds
    }

    /// Runs everything, on all threads of the current pool; `done` is called after each run.
    pub fn run(&self, done: impl Fn() + Sync) -> Result<Vec<Outcome>> {
        let worlds = self.worlds();
        self.contenders.par_iter().map(|contender| self.outcome(contender, &worlds, &done)).collect()
    }

    /// The worlds of each trace, a seed each.
    fn worlds(&self) -> Vec<Vec<World>> {
        let seeds = |trace| (1..=self.seeds).into_par_iter().map(|seed| self.world(trace, seed)).collect();
        self.traces.par_iter().map(seeds).collect()
    }

    fn world(&self, trace: &Trace, seed: u64) -> World {
        let workload = match self.scale {
            Scale::Shape => Workload::of(trace, &self.plant, seed),
            Scale::Requests => Workload::recorded(trace, seed),
        };
        World { oracle: Oracle::of(&self.plant, &workload), workload }
    }

    fn outcome(
        &self,
        contender: &Contender,
        worlds: &[Vec<World>],
        done: &(impl Fn() + Sync),
    ) -> Result<Outcome> {
        let on_trace = |worlds: &Vec<World>| -> Result<Measures> {
            let runs = worlds.par_iter().map(|world| self.measure(contender, world).inspect(|_| done()));
            Ok(Measures::mean(&runs.collect::<Result<Vec<_>>>()?))
        };
        let traces: Vec<Measures> = worlds.par_iter().map(on_trace).collect::<Result<_>>()?;
        let mean = Measures::mean(&traces);
        Ok(Outcome { contender: contender.clone(), traces, mean })
    }

    fn measure(&self, contender: &Contender, world: &World) -> Result<Measures> {
        Ok(Measures::of(&world.oracle, &self.simulate(contender, world)?))
    }

    fn simulate(&self, contender: &Contender, world: &World) -> Result<Run> {
        let setting = Setting { plant: &self.plant, oracle: &world.oracle, curve_given: self.curve_given };
        let mut policy = contender.build(&setting)?;
        let mut engine = self.engine.build(&self.plant, world.workload.seed);
        Ok(simulate(&self.plant, &world.workload, engine.as_mut(), policy.as_mut()))
    }
}
