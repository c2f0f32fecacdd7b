//! `simulator simulate`: one policy, one trace.

use std::fmt::Write;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use simulator::family::{Contender, Setting};
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
        io::stdout().write_all(report(&Measures::of(&oracle, &run), &oracle).as_bytes())?;
        Ok(())
    }
}

fn report(m: &Measures, oracle: &Oracle) -> String {
    let lines = [
        ("violating minutes", format!("{:.3} %", m.violating_minutes_percent)),
        ("requests > 3 s", format!("{:.3} %", m.slow_requests_percent)),
        ("instance-hours", format!("{:.1}", m.instance_hours)),
        ("hours / oracle", format!("{:.3} (of {:.1})", m.relative_hours, oracle.instance_hours())),
        ("actions a day", format!("{:.1}", m.actions_per_day)),
        ("theta_U, theta_O", format!("{:.2} %, {:.2} %", m.theta_u_percent, m.theta_o_percent)),
        ("tau_U, tau_O", format!("{:.2} %, {:.2} %", m.tau_u_percent, m.tau_o_percent)),
    ];
    lines.map(|(name, value)| format!("{name:<18} {value}\n")).concat()
}

/// A line a minute: what was needed, what was there, and how slow it was.
fn timeline(run: &Run, oracle: &Oracle) -> String {
    let mut csv = "t_seconds,requests_per_s,need,serving,desired,slow_share\n".to_owned();
    for (index, (minute, need)) in run.minutes.iter().zip(&oracle.need).enumerate() {
        let slow_share = minute.slow / minute.arrived.max(1.0);
        // Writing to a string cannot fail.
        let _ = writeln!(
            csv,
            "{},{:.2},{need},{:.2},{},{slow_share:.4}",
            index * 60,
            minute.arrived / 60.0,
            minute.serving,
            minute.desired,
        );
    }
    csv
}
