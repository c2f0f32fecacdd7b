//! What the scenarios share: a cloud of a test's own, and load on it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each test program uses its own part"
)]

pub mod ask;
pub mod ground;
pub mod socket;
pub mod steady;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use balancer::Profile;
use localstack::{Boot, LocalCloud, Mode, Pace, Provisioned, Setup, Size, Steps};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use traffic::{RateDial, Recorder, Scenario, User};

/// A small fleet of instances as small as the beta's.
pub fn setup(name: &str) -> Setup {
    Setup {
        name: format!("test-{name}"),
        endpoint: None,
        size: Size { min: 2, max: 20, desired: 2 },
        boot: Boot::QUICK,
        profile: Some(beta_instance()),
        users: 50,
        mode: Mode::Active,
        strategy: None,
        pace: Pace::QUICK,
        seed: 1,
    }
}

/// Eight requests at once, each taking 0.5 s on average.
pub fn beta_instance() -> Profile {
    Profile::new(8, 0.5, 0.5, 1).unwrap()
}

/// Starts a cloud, provisioning what is missing.
pub async fn start(setup: &Setup) -> (Provisioned, LocalCloud) {
    let provisioned = Provisioned::ready(&Steps::silent()).await.unwrap();
    let cloud = LocalCloud::start(&provisioned, setup, &Steps::silent()).await.unwrap();
    (provisioned, cloud)
}

/// `localstack demo` on a scenario of the tests.
pub fn demo_of(scenario: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = localstack::cargo();
    command.args([
        "run",
        "--quiet",
        "--locked",
        "--bin",
        "localstack",
        "--",
        "demo",
        "--plain",
        "--seed",
        "1",
    ]);
    command.arg("--scenario").arg(root.join("tests/scenarios").join(scenario));
    command.current_dir(root).kill_on_drop(true);
    command
}

/// Load that runs in the background.
pub struct Load {
    pub recorder: Arc<Recorder>,
    stop: CancellationToken,
    running: JoinHandle<traffic::Report>,
}

impl Load {
    /// Starts the scenario against the cloud's load balancer.
    pub fn start(cloud: &LocalCloud, scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario, Path::new("in the test")).unwrap();
        let users = User::load_all(&cloud.tokens()).unwrap();
        let base_url = cloud.url().parse().unwrap();
        let recorder = Arc::new(Recorder::new(scenario.objective_s, scenario.timeout.as_secs_f64()));
        let stop = CancellationToken::new();
        let (recorder_too, stop_too) = (Arc::clone(&recorder), stop.clone());
        let running = tokio::spawn(async move {
            traffic::run(&scenario, base_url, users, recorder_too, RateDial::default(), stop_too)
                .await
                .unwrap()
        });
        Self { recorder, stop, running }
    }

    /// Waits for the scenario's end.
    pub async fn finished(self) -> traffic::Report {
        self.running.await.unwrap()
    }

    /// Abandons it.
    pub async fn stopped(self) -> traffic::Report {
        self.stop.cancel();
        self.running.await.unwrap()
    }
}

/// Dashboards at a constant rate.
pub fn constant(users_per_s: u32, duration_s: u32) -> String {
    format!(
        "name = \"constant\"\nseed = 3\nload = \"dashboard\"\n\n[[stage]]\nname = \"all\"\nduration_s = {duration_s}\nusers_per_s = {users_per_s}\n"
    )
}

/// Waits until something is so, looking ten times a second.
pub async fn until<T>(what: &str, patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waited = tokio::time::timeout(patience, async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{what}: not within {patience:?}"))
}

/// Kills a process as nothing else would.
pub fn kill_9(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}
