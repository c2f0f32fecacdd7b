//! `simulator compare`: every policy on every trace.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use simulator::compare::{Outcome, Plan, Story, Tables};
use simulator::family::{self, Contender, Family};
use simulator::{Trace, report};

use super::table;
use super::world::WorldArgs;

#[derive(Debug, Args)]
pub struct Compare {
    /// The loads: CSV files of `t_seconds,requests`.
    #[arg(long = "trace", value_name = "FILE", required = true, num_args = 1..)]
    traces: Vec<PathBuf>,
    /// The policies: a name for a sweep of its parameters, `NAME=VALUE[,VALUE]` for one setting. All by default.
    #[arg(long = "policy", value_name = "NAME[=VALUE]", num_args = 1..)]
    policies: Vec<String>,
    /// How many seeds each trace is run with.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    #[command(flatten)]
    world: WorldArgs,
    /// Threads; all cores by default.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
    /// Write all figures to this JSON file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with tables and charts to this HTML file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Everything that was found, as it is written to a file.
#[derive(Serialize)]
struct Report<'a> {
    traces: Vec<&'a str>,
    seeds: u64,
    variants: &'a [String],
    outcomes: &'a [Outcome],
    tables: &'a Tables,
}

impl Compare {
    pub fn run(self) -> Result<()> {
        let plan = self.plan()?;
        let outcomes = self.outcomes(&plan)?;
        let tables = Tables::of(&outcomes);
        if let Some(file) = &self.json {
            write(file, &self.report(&plan, &outcomes, &tables)?)?;
        }
        if let Some(file) = &self.html
            && let Some(story) = Story::of(&plan, &outcomes, &tables)?
        {
            write(file, &report::page(&plan, &outcomes, &tables, &story, &self.world.variants))?;
        }
        io::stdout().write_all(table::render(&plan, &outcomes, &tables).as_bytes())?;
        Ok(())
    }

    fn report(&self, plan: &Plan, outcomes: &[Outcome], tables: &Tables) -> Result<String> {
        let traces = plan.traces.iter().map(|trace| trace.name.as_str()).collect();
        let variants = &self.world.variants;
        Ok(serde_json::to_string_pretty(&Report { traces, seeds: plan.seeds, variants, outcomes, tables })?)
    }

    fn plan(&self) -> Result<Plan> {
        Ok(Plan {
            plant: self.world.plant(),
            engine: self.world.engine(),
            curve_given: self.world.curve_given(),
            traces: self.traces.iter().map(|path| Trace::read(path)).collect::<Result<_, _>>()?,
            seeds: self.seeds,
            contenders: self.contenders()?,
        })
    }

    fn contenders(&self) -> Result<Vec<Contender>> {
        if self.policies.is_empty() {
            return Ok(family::ALL.iter().flat_map(Family::sweep).collect());
        }
        let contenders: Result<Vec<_>> = self.policies.iter().map(|text| chosen(text)).collect();
        Ok(contenders?.concat())
    }

    fn outcomes(&self, plan: &Plan) -> Result<Vec<Outcome>> {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {eta} left")?;
        let bar = ProgressBar::new(plan.runs()).with_style(style);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let outcomes = pool.install(|| plan.run(|| bar.inc(1)));
        bar.finish_and_clear();
        outcomes
    }
}

fn chosen(policy: &str) -> Result<Vec<Contender>> {
    if policy.contains('=') {
        Ok(vec![Contender::parse(policy)?])
    } else {
        Ok(Family::named(policy)?.sweep())
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{}: cannot be written", file.display()))
}
