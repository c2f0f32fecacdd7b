//! `simulator`: what a scaling policy would have cost and violated.

mod cli;

use std::io;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    match cli::Cli::parse().run() {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        done => done,
    }
}

/// Whoever read the output has seen enough, as in `simulate | head`: no failure of ours.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
