//! LocalStack with our extension, in host mode: no container, no token, nothing from outside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{free_port, until_ready};
use crate::clients::REGION;
use crate::http;
use crate::process::{Process, Spec};
use crate::provision::Venv;

const PATIENCE: Duration = Duration::from_mins(2);

/// A LocalStack that answers: our own, watched and restarted when it dies, or one that somebody else runs.
#[derive(Debug)]
pub struct Cloud {
    endpoint: String,
    /// How often it was started; grows when it had to be restarted, its state then being empty.
    generation: watch::Receiver<u32>,
    /// Its process while it runs, if it is ours.
    pid: watch::Receiver<Option<u32>>,
    stop: CancellationToken,
    watcher: TaskTracker,
}

impl Cloud {
    /// Starts one on a free port.
    pub async fn start(venv: &Venv, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let program =
            Program { venv: venv.clone(), folder: folder.to_owned(), port, endpoint: endpoint.clone() };
        let process = program.start().await?;
        let (started, generation) = watch::channel(1);
        let (running, pid) = watch::channel(process.pid());
        let (stop, watcher) = (CancellationToken::new(), TaskTracker::new());
        watcher.spawn(watch_over(program, process, started, running, stop.clone()));
        watcher.close();
        Ok(Self { endpoint, generation, pid, stop, watcher })
    }

    /// Uses the one at `endpoint`.
    ///
    /// # Errors
    /// Nothing answers there, or it runs without our extension.
    pub async fn at(endpoint: &str) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        http::get(&format!("{endpoint}/_fleet")).await.with_context(|| {
            format!(
                "no LocalStack with the project's extension answers at {endpoint}: \
                 see localstack/extension/README.md for how to start one"
            )
        })?;
        let ((_, generation), (_, pid)) = (watch::channel(1), watch::channel(None));
        Ok(Self { endpoint, generation, pid, stop: CancellationToken::new(), watcher: TaskTracker::new() })
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its process while it runs, if it is ours.
    pub fn pid(&self) -> Option<u32> {
        *self.pid.borrow()
    }

    /// How often it was started, to wait for changes on.
    pub fn generation(&self) -> watch::Receiver<u32> {
        self.generation.clone()
    }

    /// Stops it, if it is ours.
    pub async fn stop(self) {
        self.stop.cancel();
        self.watcher.close();
        self.watcher.wait().await;
    }
}

/// What it takes to start it.
struct Program {
    venv: Venv,
    folder: PathBuf,
    port: u16,
    endpoint: String,
}

impl Program {
    async fn start(&self) -> Result<Process> {
        let state = self.folder.join("localstack");
        std::fs::create_dir_all(&state)?;
        let spec = Spec::new("LocalStack", self.venv.program("python"), &self.folder.join("localstack.log"))
            .args(["-m", "localstack.runtime.main"])
            .env("OVERRIDE_IN_DOCKER", "0")
            .env("LOCALSTACK_CLI", "0")
            .env("GATEWAY_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("DNS_ADDRESS", "0")
            .env("DISABLE_EVENTS", "1")
            .env("SKIP_SSL_CERT_DOWNLOAD", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("LS_LOG", "warning")
            // Without folders of its own, several LocalStacks would share their state and their index of plugins.
            .env("FILESYSTEM_ROOT", state.join("root"))
            .env("XDG_CACHE_HOME", state.join("cache"))
            // While it starts it swallows a SIGTERM, later it takes five seconds over it, and it has nothing to save.
            .stop_with(Signal::SIGKILL);
        let mut process = spec.spawn()?;
        // The health endpoint answers long before the first snapshot, for which the services are loaded: on a busy
        // machine that takes longer than any one request is waited for.
        let fleet = format!("{}/_fleet", self.endpoint);
        let ready = || async { http::get(&fleet).await.is_ok() };
        until_ready(&mut process, "LocalStack", PATIENCE, ready).await?;
        Ok(process)
    }
}

/// Restarts it whenever it ends unasked.
async fn watch_over(
    program: Program,
    mut process: Process,
    started: watch::Sender<u32>,
    running: watch::Sender<Option<u32>>,
    stop: CancellationToken,
) {
    loop {
        running.send_replace(process.pid());
        tokio::select! {
            () = stop.cancelled() => return process.stop(Duration::from_secs(10)).await,
            _ = process.wait() => tracing::error!(
                "LocalStack ended and is started again, with nothing in it; {}", process.log_tail()
            ),
        }
        process = loop {
            match program.start().await {
                Ok(process) => break process,
                Err(error) => tracing::error!("LocalStack does not start again: {error:#}"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
            }
        };
        started.send_modify(|generation| *generation += 1);
    }
}
