//! `localstack compare`: strategies side by side on the same load.

use anyhow::{Context, Result};
use clap::Args;
use localstack::demo::{Comparison, Demo, Run};
use localstack::{Logs, Setup, Steps};

use super::{Figures, World};

#[derive(Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    world: World,
    #[command(flatten)]
    figures: Figures,
    /// The strategies, as in the controller's configuration; the first is held against each of the others.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "forecast,rules")]
    strategies: Vec<String>,
    /// Runs of each; the medians are of these.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
}

/// Runs every strategy on every seed. They take turns, so that a busy minute of this machine meets them all.
pub(crate) async fn compare(args: CompareArgs, logs: Logs) -> Result<()> {
    args.figures.writable()?;
    let first_seed = args.world.seed();
    let mut comparison = Comparison::default();
    for seed in (0..args.runs).map(|run| first_seed.wrapping_add(run)) {
        for strategy in &args.strategies {
            eprintln!("  {strategy}, seed {seed}");
            let run = run(&args.world, strategy, seed, &logs).await;
            let run = run.with_context(|| format!("{strategy}, seed {seed}"))?;
            println!("{run}");
            comparison.runs.push(run);
        }
    }
    println!("{comparison}");
    args.figures.write(&comparison)
}

async fn run(world: &World, strategy: &str, seed: u64, logs: &Logs) -> Result<Run> {
    let setup = Setup { strategy: Some(strategy.to_owned()), ..world.setup(seed)? };
    let demo = Demo { setup, trial: world.trial(seed, false)?, screen: false, logs: logs.clone() };
    Ok(Run { strategy: strategy.to_owned(), seed, verdict: demo.run(&Steps::shown(), &|_| Ok(())).await? })
}
