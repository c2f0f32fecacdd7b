//! What a dashboard costs, as ratios: the API against a bare axum handler that returns the same bytes, side by side.
//!
//! `cargo run --release --bin ratios`. In each round an instance reads every user's dashboard from the database, then
//! another one from Redis, then from its memory; between its passes the bare handler serves the same users. All share
//! this machine's cores with the client, PostgreSQL and Redis, so rates are a lower bound; ratios of the same round
//! hold on any machine.

mod answers;
mod bare;
mod client;
mod pass;
mod requests;
mod round;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use localstack::{Provisioned, Steps};
use tests::Ground;

use pass::Cost;
use round::{Round, Way};

/// Their dashboards fit Redis's 64 MB, and a round ends before they are stale.
const USERS: u32 = 2_000;
const ROUNDS: usize = 5;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        [] => run().await,
        // How this program starts itself.
        ["bare", folder, port] => bare::serve(Path::new(folder), port).await,
        _ => Err(anyhow::anyhow!("ratios takes no arguments")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    if cfg!(debug_assertions) {
        bail!("ratios of an unoptimised build say nothing: cargo run --release --bin ratios");
    }
    let steps = Steps::shown();
    let provisioned = Provisioned::ready(&steps).await?;
    let folder = provisioned.run_folder("ratios")?;
    let step = steps.begin("Data");
    let ground = Ground::prepare(provisioned, &folder, USERS).await?;
    step.done(&format!("has {USERS} users in PostgreSQL"));
    let measured = rounds(&ground, &folder, &steps).await;
    ground.stop().await;
    print(&measured?);
    Ok(())
}

async fn rounds(ground: &Ground, folder: &Path, steps: &Steps) -> Result<Vec<Round>> {
    let tokens = ground.tokens()?;
    round::settle(ground, &tokens).await?;
    let mut rounds = Vec::new();
    for number in 1..=ROUNDS {
        let step = steps.begin("Round");
        rounds.push(Round::run(ground, folder, &tokens, number).await?);
        step.done(&format!("{number} of {ROUNDS}"));
    }
    Ok(rounds)
}

fn print(rounds: &[Round]) {
    let bytes = rounds.first().map(|round| round.mean_bytes).unwrap_or_default();
    println!(
        "{USERS} users' dashboards of {:.1} kB ({:.1} kB compressed), {ROUNDS} rounds; medians, in brackets the extremes",
        bytes.0 / 1e3,
        bytes.1 / 1e3
    );
    println!("| answer | a second | of the bare handler's | CPU µs an answer | times the bare handler's |");
    println!("|---|---|---|---|---|");
    for way in Way::ALL {
        let of = |value: &dyn Fn(&(Cost, Cost)) -> f64| {
            Spread::of(rounds.iter().map(|round| value(&round.costs[&way])))
        };
        let rate = of(&|(own, _)| own.rate);
        let share = of(&|(own, bare)| own.rate / bare.rate);
        let cpu = of(&|(own, _)| own.cpu_us);
        let times = of(&|(own, bare)| own.cpu_us / bare.cpu_us);
        println!("| {} | {:.0} | {share:.2} | {:.0} | {times:.1} |", way.name(), rate.median, cpu.median);
    }
}

/// The middle of some values, and how far they lie apart.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { least: at(0), median: at(values.len() / 2), most: at(values.len().saturating_sub(1)) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.least, self.most)
    }
}
