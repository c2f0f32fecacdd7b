//! `simulator bench`: how fast this machine simulates.

use std::io::{self, Write};
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use simulator::engine::{Fluid, Requests};
use simulator::family::{Contender, Setting};
use simulator::{Oracle, Plant, Trace, Workload, simulate};

#[derive(Debug, Args)]
pub struct Bench {
    /// The length of the generated load in days.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
}

impl Bench {
    pub fn run(self) -> Result<()> {
        let plant = Plant::default();
        let workload = Workload::of(&rhythm(self.days), &plant, 1);
        let oracle = Oracle::of(&plant, &workload);
        let setting = Setting { plant: &plant, oracle: &oracle, curve_given: false };
        let mut out = io::stdout();
        writeln!(out, "one core, {} days of up to 224 requests/s", self.days)?;
        for name in ["static", "target-tracking", "hpa", "ours"] {
            let mut policy = Contender::parse(name)?.build(&setting)?;
            let began = Instant::now();
            simulate(&plant, &workload, &mut Fluid::new(&plant), policy.as_mut());
            let per_s = workload.days() / began.elapsed().as_secs_f64();
            writeln!(out, "fluid     {name:<16} {per_s:8.0} fleet-days/s")?;
        }
        let mut policy = Contender::parse("hpa")?.build(&setting)?;
        let mut engine = Requests::new(&plant, 1);
        let began = Instant::now();
        simulate(&plant, &workload, &mut engine, policy.as_mut());
        let elapsed_s = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "requests  {:<16} {:8.1} fleet-days/s, {:.1} million events/s",
            "hpa",
            workload.days() / elapsed_s,
            engine.events() as f64 / elapsed_s / 1e6,
        )?;
        Ok(())
    }
}

/// A load with a daily rhythm.
fn rhythm(days: u32) -> Trace {
    let per_min = |minute: u32| {
        let day = f64::from(minute) / 1440.0 * std::f64::consts::TAU;
        (5000.0 - 4000.0 * day.cos()) as u64
    };
    Trace { name: "rhythm".to_owned(), bin_s: 60, requests: (0..days * 1440).map(per_min).collect() }
}
