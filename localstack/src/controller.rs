//! The controller, run as its users run it: a process with a configuration file, restarted when it dies.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clients::{CREDENTIALS, REGION};
use crate::http;
use crate::process::{self, Process, Spec};
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

/// What it takes to start it.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) executable: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) mode: Mode,
    pub(crate) strategy: Option<String>,
    pub(crate) pace: Pace,
}

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

impl Program {
    fn config(&self) -> PathBuf {
        self.folder.join("controller.toml")
    }

    fn configure(&self, stack: &Stack, port: u16) -> Result<()> {
        std::fs::write(self.config(), self.toml(stack, port))
            .context("cannot write the controller's configuration")
    }

    /// The policy is the shipped one; only its times are those of a fleet that boots in seconds.
    fn toml(&self, stack: &Stack, port: u16) -> String {
        let mut toml = String::new();
        let journal = self.folder.join("controller.sqlite");
        let pause = if self.mode == Mode::Frozen { "all" } else { "none" };
        let strategy =
            self.strategy.as_ref().map(|name| format!("strategy = {name:?}\n")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            toml,
            r#"# Written by the local cloud for this run, and of use while it lasts. To check it against LocalStack:
#     AWS_ACCESS_KEY_ID={CREDENTIALS} AWS_SECRET_ACCESS_KEY={CREDENTIALS} controller check --config THIS_FILE
# LocalStack takes any credentials, but the AWS SDK insists on some. `check --offline` needs neither.
tick = "{tick}ms"
listen = "127.0.0.1:{port}"
journal = "{journal}"

[aws]
region = "{REGION}"
endpoint_url = "{endpoint}"
call_timeout = "2s"

[metrics]
period = "{period}s"
publish_delay = "0s"

[[group]]
name = "{group}"
load_balancer = "{load_balancer}"
target_groups = ["{dashboard}", "{api}"]
objective_target_group = "{dashboard}"

[group.policy]
{strategy}pause = "{pause}"
boot = "8s"
max_age = "{max_age}s"
stabilization_window = "30s"
scale_in_cooldown = "5s"
"#,
            tick = self.pace.tick.as_millis(),
            journal = journal.display(),
            endpoint = self.endpoint,
            period = self.pace.period.as_secs(),
            group = stack.group,
            load_balancer = stack.load_balancer_dimension,
            dashboard = stack.dashboard_dimension,
            api = stack.api_dimension,
            max_age = 4 * self.pace.period.as_secs(),
        );
        toml
    }

    /// A configuration that it refuses would only be seen in its log, again and again.
    async fn check(&self) -> Result<()> {
        let mut check = process::command(&self.executable);
        check.args(["check", "--offline", "--config"]).arg(self.config()).kill_on_drop(true);
        let output = check.output().await?;
        if !output.status.success() {
            bail!("the controller does not start: {}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        Ok(())
    }

    fn spawn(&self) -> Result<Process> {
        Spec::new("controller", &self.executable, &self.folder.join("controller.log"))
            .args(["run", "--config"])
            .arg(self.config())
            .env("AWS_ACCESS_KEY_ID", CREDENTIALS)
            .env("AWS_SECRET_ACCESS_KEY", CREDENTIALS)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // The user's profile may name other endpoints.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .spawn()
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
