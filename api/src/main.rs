//! The program `api`: reads the command line and does one of its jobs.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::database::Database;
use api::limits::Limits;
use api::observed::{self, CloudWatchSettings};
use api::router::router;
use api::server::{self, DrainSettings};
use api::settings::{self, Cli, Command, ServeSettings};
use api::state::{AppState, Parts};
use api::{background, check, migrate, seed, telemetry, warm_up};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let cli = Cli::read();
    let outcome = telemetry::start(cli.log_format).and_then(|_until_the_end| run(&cli.command));
    match outcome {
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
            runtime(1)?.block_on(async { migrate::run(Database::for_operator(settings)?.primary()).await })
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
    observed::start();
    let state = state(settings).await?;
    let source = settings.prices.source()?;
    let stop = terminated()?;
    let listener = listen(settings).await?;
    let mut beside = JoinSet::new();
    beside.spawn(beside_the_requests(state.clone(), settings.publish.cloud_watch()));
    beside.spawn(warm_up::run(state.clone()));
    beside.spawn(background::run(state.clone(), source, settings.prices.prices_every));
    let app = router(state.clone(), &settings.router());
    let drain = DrainSettings { grace: settings.drain_grace, timeout: settings.drain_timeout };
    tokio::select! {
        () = server::serve(listener, app, drain, state.draining.clone(), stop) => {}
        error = server::panicked(beside) => return Err(error),
    }
    state.writers.finish().await;
    tracing::info!("stopped");
    Ok(())
}

async fn state(settings: &ServeSettings) -> anyhow::Result<AppState> {
    Ok(AppState::from(Parts {
        access_tokens: Arc::new(settings::access_tokens()?),
        database: Arc::new(Database::open(&settings.database)?),
        cache: settings.cache.open().await?,
        passwords: Arc::default(),
        limits: Arc::new(Limits::new(settings.load.rate_limit())),
        writers: Arc::default(),
        publisher: Arc::default(),
        warm: CancellationToken::new(),
        draining: CancellationToken::new(),
    }))
}

/// What goes on for as long as the process does.
async fn beside_the_requests(state: AppState, cloud_watch: Option<CloudWatchSettings>) {
    const TIDY_EVERY: Duration = Duration::from_secs(10);
    let tidy = async {
        loop {
            tokio::time::sleep(TIDY_EVERY).await;
            state.limits.tidy();
            observed::tidy();
        }
    };
    let publish = async {
        if let Some(settings) = &cloud_watch {
            state.publisher.publish(settings).await;
        }
    };
    tokio::join!(state.database.watch(), tidy, publish);
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
