//! The command line.

mod bench;
mod compare;
mod judging;
mod replay;
mod simulate;
mod table;
mod world;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// What a scaling policy would have cost and violated.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one policy on one trace, and print its measures.
    Simulate(simulate::Simulate),
    /// Run many policies on many traces, and say what each costs at the same violations.
    Compare(compare::Compare),
    /// Read a live group's history, and say what each policy would have made of it.
    Replay(replay::Replay),
    /// Measure how fast this machine simulates.
    Bench(bench::Bench),
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> Result<()> {
        match self.verb {
            Verb::Simulate(simulate) => simulate.run(),
            Verb::Compare(compare) => compare.run(),
            Verb::Replay(replay) => replay.run(),
            Verb::Bench(bench) => bench.run(),
        }
    }
}
