//! `simulator simulate`: one policy, one trace.

use std::fmt::Write;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use simulator::family::{Contender, Setting};
use simulator::measures::{COLUMNS, Column};
use simulator::{Measures, Oracle, Run, Trace, Workload, simulate};

use super::world::WorldArgs;

#[derive(Debug, Args)]
pub struct Simulate {
    /// The load: a CSV file of `t_seconds,requests`.
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// The policy, with or without a value of its parameter: `static` or `static=12`.
    #[arg(long, value_name = "NAME[=VALUE]")]
    policy: String,
    /// The seed of arrivals and boots.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    world: WorldArgs,
    /// Write each minute to this CSV file.
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}

impl Simulate {
    pub fn run(self) -> Result<()> {
        let plant = self.world.plant();
        let contender = Contender::parse(&self.policy)?;
        let workload = Workload::of(&Trace::read(&self.trace)?, &plant, self.seed);
        let oracle = Oracle::of(&plant, &workload);
        let setting = Setting { plant: &plant, oracle: &oracle, curve_given: self.world.curve_given() };
        let mut policy = contender.build(&setting)?;
        let mut engine = self.world.engine().build(&plant, self.seed);
        let run = simulate(&plant, &workload, engine.as_mut(), policy.as_mut());
        if let Some(file) = &self.timeline {
            fs::write(file, timeline(&run, &oracle))
                .with_context(|| format!("{}: cannot be written", file.display()))?;
        }
        io::stdout().write_all(report(&Measures::of(&oracle, &run)).as_bytes())?;
        Ok(())
    }
}

fn report(measures: &Measures) -> String {
    let line = |column: &Column| format!("{:<22} {:>9}\n", column.title, column.text(measures));
    COLUMNS.iter().map(line).collect()
}

/// A line a minute: what was needed, what was there, how slow it was, and what the group failed to do.
fn timeline(run: &Run, oracle: &Oracle) -> String {
    let mut csv = "t_seconds,requests_per_s,need,serving,desired,slow_share,failed_activities\n".to_owned();
    let mut failed = run.failed.iter().peekable();
    for (index, (minute, need)) in run.minutes.iter().zip(&oracle.need).enumerate() {
        let slow_share = minute.slow / minute.arrived.max(1.0);
        let ended_at = (index + 1) as f64 * 60.0;
        let of_minute = std::iter::from_fn(|| failed.next_if(|activity| activity.at < ended_at));
        // Writing to a string cannot fail.
        let _ = writeln!(
            csv,
            "{},{:.2},{need},{:.2},{},{slow_share:.4},{}",
            index * 60,
            minute.arrived / 60.0,
            minute.serving,
            minute.desired,
            of_minute.map(|activity| activity.failure.to_string()).collect::<Vec<_>>().join("; "),
        );
    }
    csv
}
