//! `controller check`: a configuration is valid, and AWS has what it names.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use aws::fleet::{self, Phase};
use aws::metrics::Window;
use aws::{Clients, Kind, targets};
use scaling::Datapoint;

use super::{Failure, table};
use crate::adapters::CloudWatch;
use crate::clock::Clock;
use crate::config::{Config, Group};
use crate::ports::Metrics;

/// How far back datapoints are looked for.
const LOOK_BACK_S: i64 = 1_200;

pub(super) async fn check(path: &Path, offline: bool, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let config = Config::load(path)?;
    writeln!(out, "{}: valid, {} group(s)", path.display(), config.groups.len())?;
    if offline {
        return Ok(ExitCode::SUCCESS);
    }
    let clients = match aws::connect(&config.aws).await {
        Ok(clients) => clients,
        Err(error) => {
            writeln!(out, "AWS was not asked for what it names: `--offline` checks the file alone")?;
            return Err(error.into());
        }
    };
    let found = look(&config, &clients).await?;
    if !found.rows.is_empty() {
        writeln!(out, "\n{}", table::render(HEADINGS, &found.rows))?;
    }
    for sentence in found.missing.iter().chain(&found.unknown) {
        writeln!(out, "\n{sentence}")?;
    }
    Ok(if found.missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const HEADINGS: [&str; 7] =
    ["group", "desired", "min-max", "in service", "requests/s", "p95", "newest datapoint"];

/// What AWS has, and in sentences what it lacks.
#[derive(Default)]
struct Found {
    rows: Vec<[String; 7]>,
    missing: Vec<String>,
    /// What could not be looked up.
    unknown: Vec<String>,
}

async fn look(config: &Config, clients: &Clients) -> Result<Found, Failure> {
    let names: Vec<String> = config.groups.iter().map(|group| group.name().to_owned()).collect();
    let fleet = fleet::describe(&clients.auto_scaling, &names).await?;
    let now = Clock::system().now();
    let datapoints = datapoints(config, clients, now).await?;
    let mut found = Found::default();
    for (group, datapoints) in config.groups.iter().zip(&datapoints) {
        match fleet.iter().find(|seen| seen.name == group.name()) {
            Some(seen) => found.rows.push(row(seen, datapoints, now)),
            None => {
                found.missing.push(format!("Auto Scaling has no group {:?} in this region.", group.name()));
            }
        }
        find_target_groups(group, clients, &mut found).await?;
    }
    Ok(found)
}

async fn datapoints(config: &Config, clients: &Clients, now: f64) -> Result<Vec<Vec<Datapoint>>, Failure> {
    let period_s = i64::from(config.metrics.period_s);
    let end_s = (now as i64) / period_s * period_s;
    let start_s = end_s - (LOOK_BACK_S / period_s + 1) * period_s;
    let window = Window { start_s, end_s, period_s: config.metrics.period_s };
    let dimensions: Vec<_> = config.groups.iter().map(|group| group.dimensions.clone()).collect();
    Ok(CloudWatch(clients.clone()).read(&dimensions, window).await?)
}

fn row(seen: &fleet::Group, datapoints: &[Datapoint], now: f64) -> [String; 7] {
    let shown =
        |value: Option<f64>, unit: &str| value.map_or_else(|| "none".to_owned(), |v| format!("{v:.2}{unit}"));
    let newest = datapoints.iter().rev().find(|datapoint| datapoint.healthy.is_some()).or(datapoints.last());
    let age = newest.map_or_else(
        || format!("none in {} min", LOOK_BACK_S / 60),
        |datapoint| format!("{:.0} s ago", now - datapoint.ended_at()),
    );
    [
        seen.name.clone(),
        seen.desired.to_string(),
        format!("{}-{}", seen.min, seen.max),
        seen.count(Phase::InService).to_string(),
        shown(newest.and_then(|datapoint| datapoint.requests_per_s), ""),
        shown(newest.and_then(|datapoint| datapoint.latency_p95_s), " s"),
        age,
    ]
}

/// Target groups that do not exist, or that the group's load balancer does not forward to. The daemon itself never
/// asks Elastic Load Balancing, so not being allowed to is no fault.
async fn find_target_groups(group: &Group, clients: &Clients, found: &mut Found) -> Result<(), Failure> {
    let balancer = &group.dimensions.load_balancer;
    for name in &group.dimensions.target_groups {
        match targets::find(&clients.load_balancing, name).await {
            Ok(Some(targets)) if targets.load_balancers.contains(balancer) => {}
            Ok(Some(_)) => {
                let unlinked = format!("Load balancer {balancer} does not forward to target group {name}.");
                found.missing.push(unlinked);
            }
            Ok(None) => found.missing.push(format!("Elastic Load Balancing has no target group {name}.")),
            Err(error) if error.kind == Kind::Denied => {
                found.unknown.push(format!("Target group {name} was not looked up: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
