//! `simulator compare`: every policy on every trace.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use simulator::Trace;
use simulator::compare::{Plan, Scale, Story, Tables};
use simulator::family;
use simulator::report::Report;

use super::judging::JudgingArgs;
use super::table;

#[derive(Debug, Args)]
pub struct Compare {
    /// The loads: CSV files of `t_seconds,requests`.
    #[arg(long = "trace", value_name = "FILE", required = true, num_args = 1..)]
    traces: Vec<PathBuf>,
    #[command(flatten)]
    judging: JudgingArgs,
}

impl Compare {
    pub fn run(self) -> Result<()> {
        let plan = self.plan()?;
        let outcomes = self.judging.run(&plan)?;
        let tables = Tables::of(&outcomes);
        let story = Story::of(&plan, &outcomes, &tables)?;
        if let Some(story) = &story {
            let report = Report { plan: &plan, outcomes: &outcomes, tables: &tables, story, replay: None };
            self.judging.write(&report)?;
        }
        io::stdout().write_all(table::render(&plan, &outcomes, &tables).as_bytes())?;
        Ok(())
    }

    fn plan(&self) -> Result<Plan> {
        let world = &self.judging.world;
        Ok(Plan {
            plant: world.plant(),
            engine: world.engine(),
            curve_given: world.curve_given(),
            traces: self.traces.iter().map(|path| Trace::read(path)).collect::<Result<_, _>>()?,
            scale: Scale::Shape,
            seeds: self.judging.seeds,
            contenders: self.judging.contenders(family::ALL)?,
        })
    }
}
