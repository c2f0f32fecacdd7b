//! The controller, run as its users run it: a process with a configuration file, restarted when it dies.

mod program;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use program::Program;

use crate::http;
use crate::process::Process;
use crate::services::{free_port, until_ready};
use crate::stack::Stack;

/// How the controller runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As it ships.
    Active,
    /// Paused: it decides and explains, and never acts. A negative control.
    Frozen,
    /// Not at all: a fleet of fixed size. A negative control.
    Absent,
}

/// Its times, short enough to be watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// From one decision to the next.
    pub tick: Duration,
    /// The metrics' period.
    pub period: Duration,
}

impl Pace {
    /// A decision a second on metrics of five seconds.
    pub const QUICK: Self = Self { tick: Duration::from_secs(1), period: Duration::from_secs(5) };
}

/// A busy machine's; a daemon is up within a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A controller under supervision, as systemd would.
#[derive(Debug)]
pub(crate) struct Controller {
    program: Program,
    port: u16,
    pid: Arc<Mutex<Option<u32>>>,
    stop: CancellationToken,
    supervisor: TaskTracker,
}

impl Controller {
    pub(crate) async fn start(program: Program, stack: &Stack) -> Result<Self> {
        let port = free_port()?;
        program.configure(stack, port)?;
        program.check().await?;
        let pid = Arc::new(Mutex::new(None));
        let (stop, supervisor) = (CancellationToken::new(), TaskTracker::new());
        let mut process = program.spawn()?;
        let healthy = format!("http://127.0.0.1:{port}/healthz");
        until_ready(&mut process, "the controller", PATIENCE, || async { http::get(&healthy).await.is_ok() })
            .await?;
        supervisor.spawn(supervise(program.clone(), process, Arc::clone(&pid), stop.clone()));
        supervisor.close();
        Ok(Self { program, port, pid, stop, supervisor })
    }

    /// Its HTTP address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the controller at `url` says of itself.
    pub(crate) async fn state_at(url: &str) -> Result<serde_json::Value> {
        let body = http::get(&format!("{url}/state")).await?;
        serde_json::from_slice(&body).context("the controller's /state is no JSON")
    }

    /// Its process id while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        *self.pid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has it look at another stack, without a restart.
    pub(crate) fn reconfigure(&self, stack: &Stack) -> Result<()> {
        self.program.configure(stack, self.port)?;
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGHUP)?;
        }
        Ok(())
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.supervisor.wait().await;
    }
}

/// Restarts it a second after it ended unasked.
async fn supervise(
    program: Program,
    mut process: Process,
    pid: Arc<Mutex<Option<u32>>>,
    stop: CancellationToken,
) {
    loop {
        *pid.lock().unwrap_or_else(PoisonError::into_inner) = process.pid();
        tokio::select! {
            () = stop.cancelled() => return process.stop(Duration::from_secs(10)).await,
            _ = process.wait() => tracing::warn!("the controller ended and is started again; {}", process.log_tail()),
        }
        *pid.lock().unwrap_or_else(PoisonError::into_inner) = None;
        process = loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            match program.spawn() {
                Ok(process) => break process,
                Err(error) => tracing::error!("the controller does not start: {error:#}"),
            }
        };
    }
}
