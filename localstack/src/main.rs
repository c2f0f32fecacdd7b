//! `localstack`: ExStrat's AWS on one machine. `localstack demo` is the main job.

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use localstack::{Logs, Provisioned, Steps};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::cli::{CompareArgs, DemoArgs};

/// ExStrat's AWS on one machine: LocalStack, PostgreSQL, Redis, a real fleet, and the controller that resizes it.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 the job was done; 1 it was not, or something failed; 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything, let the load rise tenfold, watch the fleet follow, and judge the controller by it.
    Demo(DemoArgs),
    /// Hold strategies against each other on the same load, one run after the other, and print the medians.
    Compare(CompareArgs),
    /// Install and build what is needed, and nothing more.
    Provision,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let logs = Logs::begin();
    allow_many_connections();
    let done = match cli.command {
        Command::Demo(args) => cli::demo(args, logs).await,
        Command::Compare(args) => cli::compare(args, logs).await.map(|()| true),
        Command::Provision => Provisioned::ready(&Steps::shown()).await.map(|_| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Thousands of users are thousands of sockets, on both sides of the balancer.
fn allow_many_connections() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!("the limit of open files stays as it is: {error}");
    }
}
