//! The command line.

mod simulate;

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
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> Result<()> {
        match self.verb {
            Verb::Simulate(simulate) => simulate.run(),
        }
    }
}
