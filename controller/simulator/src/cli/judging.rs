//! What `compare` and `replay` have in common: which policies run, how often, and where the figures go.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use simulator::compare::{Outcome, Plan};
use simulator::family::{Contender, Family};
use simulator::report::{self, Report};

use super::world::WorldArgs;

#[derive(Debug, Args)]
pub struct JudgingArgs {
    /// The policies: a name for a sweep of its parameters, `NAME=VALUE[,VALUE]` for one setting. All by default.
    #[arg(long = "policy", value_name = "NAME[=VALUE]", num_args = 1..)]
    policies: Vec<String>,
    /// How many seeds each load is run with.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub seeds: u64,
    #[command(flatten)]
    pub world: WorldArgs,
    /// Threads; all cores by default.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
    /// Write all figures to this JSON file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with tables and charts to this HTML file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the charts to SVG files in this folder.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
}

impl JudgingArgs {
    /// The chosen policies, or those of `default` with every value of their parameters.
    pub fn contenders(&self, default: impl IntoIterator<Item = &'static Family>) -> Result<Vec<Contender>> {
        if self.policies.is_empty() {
            return Ok(default.into_iter().flat_map(Family::sweep).collect());
        }
        let contenders: Result<Vec<_>> = self.policies.iter().map(|text| chosen(text)).collect();
        Ok(contenders?.concat())
    }

    /// Runs the plan.
    pub fn run(&self, plan: &Plan) -> Result<Vec<Outcome>> {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {eta} left")?;
        let bar = ProgressBar::new(plan.runs()).with_style(style);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let outcomes = pool.install(|| plan.run(|| bar.inc(1)));
        bar.finish_and_clear();
        outcomes
    }

    /// Writes the files that were asked for.
    pub fn write(&self, report: &Report) -> Result<()> {
        if let Some(file) = &self.json {
            write(file, &report::json(report, &self.world.variants)?)?;
        }
        if let Some(file) = &self.html {
            write(file, &report::page(report, &self.world.variants))?;
        }
        if let Some(folder) = &self.svg {
            fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
            for chart in report::charts(report) {
                write(&folder.join(chart.name), &chart.svg)?;
            }
        }
        Ok(())
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
