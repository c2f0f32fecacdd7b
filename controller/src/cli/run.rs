//! `controller run`: the daemon on AWS, and on `SQLite` or PostgreSQL.

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
use crate::daemon::{Daemon, Leadership, Orders, Ports, lease_of};
use crate::http::{Sources, routes};
use crate::journal::{Location, SqliteJournal, postgres};
use crate::ports::Journal;
use crate::telemetry;

pub(super) async fn run(path: PathBuf, dry_run: bool) -> Result<ExitCode, Failure> {
    let config = Config::load(&path)?;
    telemetry::log(config.log)?;
    let figures = telemetry::prometheus()?;
    let orders = signals::orders(path)?;
    match config.journal.clone() {
        Location::File(path) => {
            let journal = SqliteJournal::open(&path).await?;
            let journal = control(config, journal, Leadership::sole(), orders, figures, dry_run).await?;
            journal.close().await;
        }
        Location::Database(url) => {
            let (journal, lease) = postgres::open(&url).await?;
            let (leadership, asking) = Leadership::by(lease, lease_of(config.aws.call_timeout));
            let asking = tokio::spawn(asking);
            control(config, journal, leadership, orders, figures, dry_run).await?;
            // It gives the lease back.
            asking.await.context("the lease")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The daemon until it is told to stop; gives the journal back.
async fn control<J: Journal>(
    config: Config,
    journal: J,
    leadership: Leadership,
    orders: Orders,
    figures: PrometheusHandle,
    dry_run: bool,
) -> Result<J, Failure> {
    let clock = Clock::system();
    let clients = aws::connect(&config.aws).await?;
    let ports = Ports {
        metrics: CloudWatch(clients.clone()),
        fleet: AutoScaling(clients),
        journal,
        clock,
        leadership,
    };
    // After the journal: that another daemon has it says more than that its port is taken.
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr().context("the listener has no address")?;
    info!(%address, groups = config.groups.len(), dry_run, journal = %config.journal, "started");
    let daemon = Daemon::recover(config, ports, dry_run).await?;
    let server =
        tokio::spawn(serve(listener, Sources { board: daemon.board(), figures: figures.clone(), clock }));
    let upkeep = tokio::spawn(keep_up(figures));
    let ports = daemon.run(orders).await;
    server.abort();
    upkeep.abort();
    Ok(ports.journal)
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
