//! `localstack`: ExStrat's AWS on one machine. `localstack demo` is the main job.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use balancer::Profile;
use clap::{Args, Parser, Subcommand};
use localstack::demo::{Demo, Trial, Verdict};
use localstack::{Boot, Logs, Mode, Pace, Provisioned, Setup, Size, Steps};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use traffic::Scenario;

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
    /// Install and build what is needed, and nothing more.
    Provision,
}

#[derive(Args)]
struct DemoArgs {
    /// The load; localstack/scenarios/surge.toml unless given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Write the figures to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Go on after the scenario until Ctrl-C, the load at your hand; the scenario's length must be known.
    #[arg(long)]
    keep: bool,
    /// Print lines even on a terminal.
    #[arg(long)]
    plain: bool,
    /// Use a LocalStack that runs already, with the project's extension.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// How the controller runs: the other two are the controls that must fail.
    #[arg(long, value_enum, default_value_t = ModeArg::Active)]
    controller: ModeArg,
    /// The controller's strategy, as in its configuration, such as "rules"; its default otherwise.
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Boots as on EC2 (median 150 s) instead of some seconds.
    #[arg(long)]
    real_boots: bool,
    /// Requests that one instance serves at once.
    #[arg(long, default_value_t = 8)]
    slots: usize,
    /// Mean service time of a request on an instance, in seconds.
    #[arg(long, default_value_t = 0.5)]
    service_time: f64,
    /// Seed of every random draw, the moment of the rise among them; a random one unless given.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ModeArg {
    /// As it ships.
    Active,
    /// It decides and never acts.
    Frozen,
    /// No controller: a fixed fleet.
    Absent,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let logs = Logs::begin();
    allow_many_connections();
    let done = match cli.command {
        Command::Demo(args) => demo(args, logs).await,
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

async fn demo(args: DemoArgs, logs: Logs) -> Result<bool> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/surge.toml");
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u16>()));
    let file = args.scenario.as_deref().unwrap_or(&shipped);
    let trial = Trial::new(Scenario::load_seeded(file, seed)?, file, args.keep)?;
    if let Some(path) = &args.json {
        // Said now and not after four minutes.
        std::fs::File::create(path).with_context(|| unwritable(path))?;
    }
    eprintln!("  seed {seed}; the same with --seed {seed}");
    let setup = Setup {
        name: "demo".to_owned(),
        endpoint: args.endpoint,
        size: Size { min: 2, max: 20, desired: 2 },
        boot: if args.real_boots { Boot::EC2 } else { Boot::QUICK },
        // A real small machine's requests differ; half of the mean is what ExStrat's own do.
        profile: Some(Profile::new(args.slots, args.service_time, 0.5, seed)?),
        users: 200,
        mode: match args.controller {
            ModeArg::Active => Mode::Active,
            ModeArg::Frozen => Mode::Frozen,
            ModeArg::Absent => Mode::Absent,
        },
        strategy: args.strategy,
        pace: Pace::QUICK,
        seed,
    };
    let screen = std::io::stdout().is_terminal() && !args.plain;
    let demo = Demo { setup, trial, screen, logs };
    let verdict = demo.run(&Steps::shown()).await?;
    println!("{}", told(&verdict));
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_vec_pretty(&verdict)?).with_context(|| unwritable(path))?;
    }
    Ok(verdict.passed)
}

fn unwritable(path: &Path) -> String {
    format!("--json: {} cannot be written", path.display())
}

/// The verdict for people.
fn told(verdict: &Verdict) -> String {
    let outcome = &verdict.outcome;
    let seconds = |value: Option<f64>| value.map_or("none".to_owned(), |s| format!("{s:.2} s"));
    let mut lines = vec![
        format!(
            "p95: {} before, {} at worst, {} at the end of the plateau, {} after",
            seconds(outcome.p95_before_s),
            seconds(outcome.p95_peak_worst_s),
            seconds(outcome.p95_peak_s),
            seconds(outcome.p95_after_s)
        ),
        format!(
            "instances: {} at the start, {} to {}, {} at the end; {:.0} instance-seconds",
            outcome.instances_start,
            outcome.instances_min,
            outcome.instances_peak,
            outcome.instances_end,
            outcome.instance_seconds
        ),
        format!(
            "reaction: {} from the deciding datapoint; recovery in {:.0} s",
            seconds(outcome.reaction_s),
            outcome.recovery_s
        ),
        format!(
            "{} requests, {} failed, {:.1} % slow; CloudWatch's p95 {}",
            outcome.requests,
            outcome.failures,
            outcome.slow_percent,
            outcome.cloudwatch_difference_percent.map_or_else(
                || "could not be compared with the users' own".to_owned(),
                |percent| format!("differs from the users' own by {percent:.1} % at most")
            )
        ),
    ];
    lines.extend(verdict.faults.iter().map(|fault| format!("FAULT: {fault}")));
    lines.push(if verdict.passed { "PASSED".to_owned() } else { "FAILED".to_owned() });
    lines.join("\n")
}
