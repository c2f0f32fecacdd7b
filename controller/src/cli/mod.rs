//! The command line. Each command is a file; what they share is how they fail.

mod check;
mod chosen;
mod decide;
mod exit;
mod explain;
mod history;
mod prose;
mod run;
mod schema;
mod signals;
mod status;
mod table;
mod time;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub use exit::Failure;

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  failed; also `status` when the controller does not run, and `check` when AWS lacks something configured
  2  wrong usage
  3  invalid configuration
  4  AWS unreachable, or it refuses, or there are no credentials for it
  5  journal absent, locked or unusable";

/// Keeps Auto Scaling groups at the size which their objective needs.
#[derive(Debug, Parser)]
#[command(name = "controller", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: until SIGTERM or SIGINT; SIGHUP reloads the configuration
    Run {
        #[command(flatten)]
        config: ConfigArg,
        /// Decide and journal, and never change a group
        #[arg(long)]
        dry_run: bool,
    },
    /// Check a configuration, and that AWS has what it names
    Check {
        #[command(flatten)]
        config: ConfigArg,
        /// Do not contact AWS
        #[arg(long)]
        offline: bool,
    },
    /// Tell a decision in full: what was known, who asked for what, what bound it
    Explain {
        #[command(flatten)]
        config: ConfigArg,
        /// The group; all of them otherwise
        #[arg(long)]
        group: Option<String>,
        /// The decision in force at this time, such as 2026-03-01T12:00:00Z or 90m (ago); the last otherwise
        #[arg(long, value_parser = time::parse)]
        at: Option<time::Point>,
    },
    /// Show each group's last decision, and whether the controller runs
    Status {
        #[command(flatten)]
        config: ConfigArg,
    },
    /// List the decisions that acted or changed their reason, oldest first
    History {
        #[command(flatten)]
        config: ConfigArg,
        /// The group; all of them otherwise
        #[arg(long)]
        group: Option<String>,
        /// Since when, such as 1h (ago) or 2026-03-01T12:00:00Z
        #[arg(long, default_value = "1h", value_parser = time::parse)]
        since: time::Point,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Decide on observations from standard input, one JSON object a line; one decision a line comes out. No AWS
    Decide {
        #[command(flatten)]
        config: ConfigArg,
        /// Whose policy; not needed if there is only one group
        #[arg(long)]
        group: Option<String>,
    },
    /// Print the JSON Schema of what `decide` takes and tells, or of the configuration
    Schema {
        /// Of what
        subject: schema::Subject,
    },
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
struct ConfigArg {
    /// The configuration file
    #[arg(long = "config", value_name = "FILE", env = "CONTROLLER_CONFIG")]
    path: PathBuf,
}

/// Runs the command that the process was started with.
///
/// Commands write what they say to a writer, for `println!` panics when a pipe is closed. Nobody is left to tell when
/// standard error is, too.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let done = execute(cli.command, &mut out);
    let said = out.flush().map_err(Failure::from);
    match done.and_then(|code| said.map(|()| code)) {
        Ok(code) => code,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            failure.code()
        }
    }
}

fn execute(command: Command, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
    runtime.block_on(async {
        match command {
            // Boxed: all that a group has learned would else lie on the stack.
            Command::Run { config, dry_run } => Box::pin(run::run(config.path, dry_run)).await,
            Command::Check { config, offline } => check::check(&config.path, offline, out).await,
            Command::Explain { config, group, at } => explain::explain(&config.path, group, at, out).await,
            Command::Status { config } => status::status(&config.path, out).await,
            Command::History { config, group, since, json } => {
                history::history(&config.path, group, since, json, out).await
            }
            Command::Decide { config, group } => decide::run(&config.path, group.as_deref(), out),
            Command::Schema { subject } => schema::print(subject, out),
            Command::Completion { shell } => {
                // Into memory first: the generator panics where it cannot write.
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "controller", &mut script);
                out.write_all(&script)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}
