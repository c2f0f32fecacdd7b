//! The program `api`: reads the command line and does one of its jobs.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use api::auth::Passwords;
use api::database::Database;
use api::router::router;
use api::server::{self, DrainSettings};
use api::settings::{self, Cli, Command, ServeSettings};
use api::state::AppState;
use api::{check, migrate, seed, telemetry};
use clap::Parser;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start(cli.log_format);
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(settings) => runtime(settings.worker_threads)?.block_on(serve(settings)),
        Command::Migrate(settings) => {
            runtime(1)?.block_on(async { migrate::run(Database::open(settings)?.primary()).await })
        }
        Command::Seed(settings) => runtime(1)?.block_on(seed::run(settings)),
        Command::Check(settings) => runtime(1)?.block_on(check::run(settings)),
    }
}

fn runtime(worker_threads: u16) -> anyhow::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(worker_threads.into())
        .enable_all()
        .build()
        .context("the threads did not start")
}

async fn serve(settings: &ServeSettings) -> anyhow::Result<()> {
    let state = AppState {
        access_tokens: Arc::new(settings::access_tokens()?),
        database: Arc::new(Database::open(&settings.database)?),
        cache: Arc::new(settings.cache.open().await?),
        passwords: Arc::new(Passwords::default()),
        draining: CancellationToken::new(),
    };
    let stop = terminated()?;
    let listener = listen(settings).await?;
    let app = router(state.clone(), settings.request_timeout, settings.instance_id.clone());
    let drain = DrainSettings { grace: settings.drain_grace, timeout: settings.drain_timeout };
    server::serve(listener, app, drain, state.draining, stop).await?;
    let cache = state.cache.counts();
    tracing::info!(cache.hits, cache.misses, cache.bypasses, "stopped");
    Ok(())
}

/// The address goes to standard output too, alone, for a program that started us on port 0.
async fn listen(settings: &ServeSettings) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr().context("the listener has no address")?;
    let instance = settings.instance_id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or("-");
    tracing::info!(%address, instance, version = env!("CARGO_PKG_VERSION"), "listening");
    println!("listening on http://{address}");
    Ok(listener)
}

/// Resolves at SIGTERM (the fleet's word) or SIGINT (a developer's).
fn terminated() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
