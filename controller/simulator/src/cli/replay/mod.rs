//! `simulator replay`: what each policy would have made of a live group's history.

mod cloud;
mod text;

use std::io::{self, Write as _};

use anyhow::Result;
use clap::Args;
use simulator::compare::{Plan, Story, Tables};
use simulator::family::{self, Family};
use simulator::history::History;
use simulator::learn::learn;
use simulator::replay::{Price, Replay as Replayed};
use simulator::report::Report;

use super::judging::JudgingArgs;
use super::table;
use cloud::CloudArgs;

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    cloud: CloudArgs,
    /// The p95 that is not to be exceeded, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = above_0)]
    objective_s: f64,
    /// Requests per second that an instance serves at most, where you know it; else it is learned.
    #[arg(long, value_name = "REQUESTS_PER_S", value_parser = above_0)]
    instance_capacity: Option<f64>,
    /// What an instance costs, in dollars an hour. The default is an m7i.large on demand in us-east-1.
    #[arg(long, value_name = "USD", default_value = "0.1008")]
    price_per_hour: Price,
    #[command(flatten)]
    judging: JudgingArgs,
}

/// Policies whose thresholds are seconds of the standard plant's p95, and the bound, which is none to choose.
const NOT_BY_DEFAULT: [&str; 4] = ["target-tracking-p95", "step-p95", "ours-priced", "foresight"];

fn above_0(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| format!("{text:?}; allowed: a number above 0"))
}

impl Replay {
    pub fn run(self) -> Result<()> {
        let history = self.cloud.history()?;
        let learned = learn(&history, self.objective_s, self.instance_capacity)?;
        let replay = Replayed::of(&history, learned, self.price_per_hour);
        let mut out = io::stdout();
        out.write_all(text::learned(&replay).as_bytes())?;
        let plan = self.plan(&history, &replay)?;
        let outcomes = self.judging.run(&plan)?;
        let tables = Tables::of(&[outcomes.as_slice(), std::slice::from_ref(&replay.happened)].concat());
        let rows = text::rows(&replay, &outcomes);
        let story = Story::against(&plan, &outcomes, &tables, &replay.happened, &replay.run)?;
        if let Some(story) = &story {
            let replay = Some(&replay);
            self.judging.write(&Report {
                plan: &plan,
                outcomes: &outcomes,
                tables: &tables,
                story,
                replay,
            })?;
        }
        writeln!(out, "{rows}\n{}", table::render(&plan, &outcomes, &tables).trim_end())?;
        Ok(())
    }

    fn plan(&self, history: &History, replay: &Replayed) -> Result<Plan> {
        let world = &self.judging.world;
        let plant = world.on(replay.learned.plant.clone());
        let by_default = family::ALL.iter().filter(|family: &&Family| !NOT_BY_DEFAULT.contains(&family.name));
        let contenders = self.judging.contenders(by_default)?;
        let plan = Replayed::plan(history, plant, world.engine(), self.judging.seeds, contenders);
        Ok(Plan { curve_given: world.curve_given(), ..plan })
    }
}
