//! `localstack demo`: the main job.

use std::io::IsTerminal;

use anyhow::Result;
use clap::Args;
use localstack::demo::{Demo, Verdict};
use localstack::{Logs, Mode, Setup, Steps};

use super::{Figures, World};

#[derive(Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    world: World,
    #[command(flatten)]
    figures: Figures,
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

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Active => Self::Active,
            ModeArg::Frozen => Self::Frozen,
            ModeArg::Absent => Self::Absent,
        }
    }
}

/// Whether the controller did its job.
pub(crate) async fn demo(args: DemoArgs, logs: Logs) -> Result<bool> {
    let seed = args.world.seed();
    let trial = args.world.trial(seed, args.keep)?;
    args.figures.writable()?;
    eprintln!("  seed {seed}; the same with --seed {seed}");
    let setup = Setup {
        endpoint: args.endpoint,
        mode: args.controller.into(),
        strategy: args.strategy,
        ..args.world.setup(seed)?
    };
    let screen = std::io::stdout().is_terminal() && !args.plain;
    let demo = Demo { setup, trial, screen, logs };
    let verdict = demo.run(&Steps::shown(), &|verdict| args.figures.write(verdict)).await?;
    println!("{}", told(&verdict));
    Ok(verdict.passed)
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
