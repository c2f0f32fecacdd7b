//! `controller run`: the daemon on AWS and `SQLite`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tracing::{error, info};

use super::{Failure, signals};
use crate::adapters::{AutoScaling, CloudWatch};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{Daemon, Ports};
use crate::http::{Sources, routes};
use crate::journal::SqliteJournal;
use crate::telemetry;

pub(super) async fn run(path: PathBuf, dry_run: bool) -> Result<ExitCode, Failure> {
    let config = Config::load(&path)?;
    telemetry::log(config.log)?;
    let figures = telemetry::prometheus()?;
    let orders = signals::orders(path)?;
    let clock = Clock::system();
    // The journal first: that another daemon has it says more than that its port is taken.
    let ports = connect(&config, clock).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr().context("the listener has no address")?;
    info!(%address, groups = config.groups.len(), dry_run, journal = %config.journal.display(), "started");
    let daemon = Daemon::recover(config, ports, dry_run).await?;
    let server =
        tokio::spawn(serve(listener, Sources { board: daemon.board(), figures: figures.clone(), clock }));
    let upkeep = tokio::spawn(keep_up(figures));
    let ports = daemon.run(orders).await;
    server.abort();
    upkeep.abort();
    ports.journal.close().await;
    Ok(ExitCode::SUCCESS)
}

type OnAws = Ports<CloudWatch, AutoScaling, SqliteJournal>;

async fn connect(config: &Config, clock: Clock) -> Result<OnAws, Failure> {
    let journal = SqliteJournal::open(&config.journal).await?;
    let clients = aws::connect(&config.aws).await?;
    Ok(Ports { metrics: CloudWatch(clients.clone()), fleet: AutoScaling(clients), journal, clock })
}

async fn serve(listener: TcpListener, sources: Sources) {
    if let Err(error) = axum::serve(listener, routes(sources)).await {
        error!(%error, "the HTTP server stopped; the loop goes on");
    }
}

/// Folds the figures together now and then, or they would pile up while nobody scrapes them.
async fn keep_up(figures: PrometheusHandle) {
    let mut interval = tokio::time::interval(Duration::from_mins(1));
    loop {
        interval.tick().await;
        figures.run_upkeep();
    }
}
