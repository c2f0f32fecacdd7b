//! A daemon on the world in memory.

use std::time::Duration;

use controller::clock::Clock;
use controller::config::{Config, Variables};
use controller::daemon::{Board, Daemon, Leadership, Orders, Ports};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Cloud, EPOCH_S, Ledger};

/// The group's name.
pub const GROUP: &str = "web";

/// A configuration with high-resolution metrics, so that tests are short; `policy` goes into `[group.policy]`.
pub fn config(policy: &str) -> Config {
    config_of(&[(GROUP, policy)])
}

/// Likewise, of several groups by name.
pub fn config_of(groups: &[(&str, &str)]) -> Config {
    let timing = "tick = \"5s\"\n[metrics]\nperiod = \"10s\"\npublish_delay = \"5s\"\n";
    let groups: String = groups.iter().map(|(name, policy)| group(name, policy)).collect();
    Config::parse("test.toml", &format!("{timing}{groups}"), &Variables::new()).unwrap()
}

fn group(name: &str, policy: &str) -> String {
    format!(
        r#"
        [[group]]
        name = "{name}"
        load_balancer = "app/{name}/1"
        target_groups = ["targetgroup/{name}/1"]
        [group.policy]
        instance_capacity_per_s = 20.0
        boot = "30s"
        max_age = "60s"
        stabilization_window = "2m"
        {policy}
        "#
    )
}

/// A failed call.
pub fn failure(kind: aws::Kind) -> aws::Error {
    aws::Error { kind, operation: "test", message: "as the test wants".to_owned() }
}

/// A daemon that runs.
pub struct Running {
    pub cloud: Cloud,
    pub ledger: Ledger,
    pub board: Board,
    pub clock: Clock,
    stop: CancellationToken,
    reload: mpsc::Sender<Config>,
    task: JoinHandle<()>,
}

impl Running {
    /// On `instances` that suffice for `load_per_s`, looked at for long enough to have settled.
    pub async fn settled(config: Config, instances: u32, load_per_s: f64) -> Self {
        let clock = Clock::starting_at(EPOCH_S);
        let cloud = Cloud::new(clock, instances, load_per_s);
        let running = Self::start(config, clock, cloud, Ledger::default(), false).await;
        running.pass(60).await;
        running
    }

    /// On a world that is already there.
    pub async fn start(config: Config, clock: Clock, cloud: Cloud, ledger: Ledger, dry_run: bool) -> Self {
        Self::led_by(config, clock, cloud, ledger, dry_run, Leadership::sole()).await
    }

    /// On a world that is already there, where others may lead.
    pub async fn led_by(
        config: Config,
        clock: Clock,
        cloud: Cloud,
        ledger: Ledger,
        dry_run: bool,
        leadership: Leadership,
    ) -> Self {
        let (metrics, fleet, journal) = (cloud.clone(), cloud.clone(), ledger.clone());
        let ports = Ports { metrics, fleet, journal, clock, leadership };
        let daemon = Daemon::recover(config, ports, dry_run).await.unwrap();
        let (stop, board) = (CancellationToken::new(), daemon.board());
        let (reload, orders) = mpsc::channel(1);
        let orders = Orders { stop: stop.clone(), reload: orders };
        let task = tokio::spawn(async move {
            daemon.run(orders).await;
        });
        Self { cloud, ledger, board, clock, stop, reload, task }
    }

    /// Lets so much time pass, and a moment more, so that what is due at its end is done.
    pub async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds) + Duration::from_millis(1)).await;
    }

    pub async fn reload(&self, config: Config) {
        self.reload.send(config).await.unwrap();
    }

    /// Tells the daemon to stop, and waits until it has.
    pub async fn stop(self) -> (Clock, Cloud, Ledger) {
        self.stop.cancel();
        self.task.await.unwrap();
        (self.clock, self.cloud, self.ledger)
    }

    /// Ends the daemon where it stands.
    pub async fn kill(self) -> (Clock, Cloud, Ledger) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
        (self.clock, self.cloud, self.ledger)
    }
}
