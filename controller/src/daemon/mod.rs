//! The loop: observe, decide, journal, act, and journal what came of it; every tick, for every group.
//!
//! Nothing stops it. A call that AWS does not answer becomes an observation that says so, and the decision on it is
//! to hold; a journal that cannot be written is said loudly, and the fleet still grows. What it does is
//! harmless to do twice: the desired capacity is set, and only when it differs from what the group said this tick.

mod act;
mod board;
mod call;
mod controlled;
mod groups;
mod heartbeat;
mod keep;
mod lead;
mod leadership;
mod observe;
mod outage;
mod report;
mod schedule;
mod window;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{Entry, JournalError};
use crate::ports::{Fleet, Journal, Metrics, Term};
use controlled::Controlled;
use heartbeat::Heartbeat;
use outage::Outage;
use window::Windows;

pub use board::{Board, GroupBoard};
pub use leadership::{Leadership, lease_of};

/// What a tick gets to finish when the daemon is told to stop; less than the 30 s that service managers give.
const FINISH: Duration = Duration::from_secs(20);

/// The world that the daemon works on.
#[derive(Debug)]
pub struct Ports<M, F, J> {
    /// CloudWatch.
    pub metrics: M,
    /// Auto Scaling.
    pub fleet: F,
    /// The journal.
    pub journal: J,
    /// The time.
    pub clock: Clock,
    /// Whether this daemon leads.
    pub leadership: Leadership,
}

/// What the daemon is told while it runs.
#[derive(Debug)]
pub struct Orders {
    /// Finish the tick and stop.
    pub stop: CancellationToken,
    /// Go on with this configuration, which is valid.
    pub reload: mpsc::Receiver<Config>,
}

/// The daemon between two ticks.
#[derive(Debug)]
pub struct Daemon<M, F, J> {
    ports: Ports<M, F, J>,
    config: Config,
    dry_run: bool,
    /// The term for which the groups were taken up; none while another daemon leads.
    leads: Option<Term>,
    groups: Vec<Controlled>,
    windows: Windows,
    outages: observe::Outages,
    journal_outage: Outage,
    heartbeat: Heartbeat,
    board: Board,
    snapshot_at: f64,
    pruned_at: f64,
}

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// Takes up each group where the journal left it.
    pub async fn recover(config: Config, ports: Ports<M, F, J>, dry_run: bool) -> Result<Self, JournalError> {
        let now = ports.clock.now();
        let groups = config.groups.clone();
        let mut daemon = Self {
            windows: Windows::new(config.metrics),
            board: Board::new(now, groups::patience(&config), dry_run),
            ports,
            config,
            dry_run,
            leads: None,
            groups: Vec::new(),
            outages: observe::Outages::default(),
            journal_outage: Outage::grave(),
            heartbeat: Heartbeat::default(),
            snapshot_at: now,
            // The first tick prunes: after a long absence there may be much to forget.
            pruned_at: 0.0,
        };
        let term = daemon.ports.leadership.term(Duration::ZERO);
        daemon.take_up_groups(&groups).await?;
        daemon.leads = term;
        Ok(daemon)
    }

    /// What others may see of the daemon while it runs.
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Ticks until told to stop: at once, then at whole multiples of the interval, and when another begins to lead.
    pub async fn run(mut self, mut orders: Orders) -> Ports<M, F, J> {
        let mut due = self.ports.clock.now();
        let mut leadership = self.ports.leadership.clone();
        if self.leads.is_none() {
            info!("standing by until the lease is this controller's");
        }
        loop {
            tokio::select! {
                biased;
                () = orders.stop.cancelled() => break,
                Some(config) = orders.reload.recv() => self.reload(config).await,
                () = leadership.turn() => due = self.ports.clock.now(),
                () = self.ports.clock.sleep_until(due) => {
                    self.tick_to_the_end(&orders.stop).await;
                    due = schedule::after(self.ports.clock.now(), due, self.config.tick);
                }
            }
        }
        self.snapshot().await;
        info!("stopped");
        self.ports
    }

    /// A tick is bounded by its calls' time limits, so it is let finish; the limit here is for what nobody foresaw.
    async fn tick_to_the_end(&mut self, stop: &CancellationToken) {
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(FINISH).await;
        };
        tokio::select! {
            () = self.tick() => {}
            () = overdue => warn!("the tick did not end within {FINISH:?} of the order to stop; abandoned"),
        }
    }

    async fn tick(&mut self) {
        let started_at = self.ports.clock.now();
        if !self.lead().await {
            return;
        }
        let entries = self.decide().await;
        let Some(ids) = self.journal(&entries).await else { return self.stand_by() };
        for (group, entry) in self.groups.iter_mut().zip(&entries) {
            report::decision(entry);
            group.last = Some(entry.decision.clone());
        }
        let outcomes = self.act(&entries).await;
        self.conclude(&ids, &outcomes).await;
        self.board.show(self.ports.clock.now(), &entries, &outcomes);
        self.beat(&entries, &outcomes).await;
        report::tick(self.ports.clock.now() - started_at);
        self.keep_journal().await;
    }

    async fn decide(&mut self) -> Vec<Entry> {
        let limit = self.call_limit();
        let observations =
            observe::observe(&self.ports, &mut self.groups, &mut self.windows, &mut self.outages, limit)
                .await;
        let decided = self.groups.iter_mut().zip(observations);
        decided.map(|(group, observation)| group.decide(observation, self.dry_run)).collect()
    }

    fn call_limit(&self) -> Duration {
        call_limit(&self.config)
    }
}

/// An answer may take several pages, each of which has the whole call's time.
fn call_limit(config: &Config) -> Duration {
    config.aws.call_timeout * 2
}
