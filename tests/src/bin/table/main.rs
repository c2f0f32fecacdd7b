//! The mission's table: how long a dashboard takes for 30 to 10,000 users on one instance, by caches and kind of load.
//!
//! `cargo run --release --bin table`; a number after it is the most users that are tried. Users, instance, PostgreSQL
//! and Redis share this machine's cores, so its figures are a lower bound of what an instance of its own does.

use std::process::ExitCode;

use anyhow::{Context, Result};
use localstack::{Provisioned, Steps};
use tests::Ground;
use traffic::Summary;

/// Users, and how they come. The first three as the beta was measured: all at once and without a pause.
const STAGES: [(u32, &str); 5] = [
    (30, "loads_per_user = 5"),
    (50, "loads_per_user = 5"),
    (100, "loads_per_user = 5"),
    (1_000, "think_time_s = 10\nramp_s = 10\nduration_s = 60"),
    (10_000, "think_time_s = 10\nramp_s = 60\nduration_s = 120"),
];
/// What the mission asks of every stage: p95 and p99 in seconds, and successes in per cent.
const REQUIRED: (f64, f64, f64) = (3.0, 5.0, 99.95);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a stage missed p95 < 3 s, p99 < 5 s or success > 99.95 %");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every stage does what the mission asks.
async fn run() -> Result<bool> {
    let most = match std::env::args().nth(1) {
        Some(word) => word.parse().with_context(|| format!("{word} is no number of users"))?,
        None => u32::MAX,
    };
    let steps = Steps::shown();
    let provisioned = Provisioned::ready(&steps).await?;
    let folder = provisioned.run_folder("table")?;
    let users = STAGES.iter().map(|(users, _)| *users).filter(|users| *users <= most).max();
    let users = users.context("the smallest stage has 30 users")?;
    let step = steps.begin("Data");
    let ground = Ground::prepare(provisioned, &folder, users).await?;
    step.done(&format!("has {users} users in PostgreSQL"));
    let measured = table(&ground, most).await;
    ground.stop().await;
    measured
}

async fn table(ground: &Ground, most: u32) -> Result<bool> {
    println!("| users | load | caches | mean s | p50 s | p95 s | p99 s | success % | loads |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut good = true;
    for (number, (users, how)) in STAGES.into_iter().filter(|(users, _)| *users <= most).enumerate() {
        for load in ["dashboard", "four_calls"] {
            let instance = ground.instance(&format!("{load}{number}"), &[]).await?;
            for caches in ["cold", "warm"] {
                let summary = ground.load(&instance, load, users, how).await?;
                println!("| {users} | {load} | {caches} | {} |", figures(&summary));
                good &= is_good(&summary);
            }
            instance.stop().await;
        }
    }
    Ok(good)
}

fn figures(summary: &Summary) -> String {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let times = [summary.mean_s, summary.p50_s, summary.p95_s, summary.p99_s, summary.success_percent()];
    format!("{} | {}", times.map(figure).join(" | "), summary.count)
}

fn is_good(summary: &Summary) -> bool {
    let (p95_s, p99_s, success) = REQUIRED;
    summary.p95_s.is_some_and(|it| it < p95_s)
        && summary.p99_s.is_some_and(|it| it < p99_s)
        && summary.success_percent().is_some_and(|it| it > success)
}
