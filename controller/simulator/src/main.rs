//! `simulator`: what a scaling policy would have cost and violated.

mod cli;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    cli::Cli::parse().run()
}
