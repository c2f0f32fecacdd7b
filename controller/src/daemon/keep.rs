//! Keeping the journal.

use super::{Daemon, report};
use crate::journal::{Entry, EntryId, Outcome};
use crate::ports::{Fleet, Journal, Metrics};

/// How often the state is put into the journal.
const SNAPSHOT_EVERY_S: f64 = 300.0;
/// How often the journal forgets.
const PRUNE_EVERY_S: f64 = 3_600.0;

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// A full disk must not stop the fleet from growing: the error is said, and the tick goes on.
    pub(super) async fn journal(&self, entries: &[Entry]) -> Vec<EntryId> {
        self.ports.journal.record(entries).await.unwrap_or_else(|error| {
            report::journal_failed(&error);
            Vec::new()
        })
    }

    pub(super) async fn conclude(&self, ids: &[EntryId], outcomes: &[Option<Outcome>]) {
        for (id, outcome) in ids.iter().zip(outcomes) {
            let Some(outcome) = outcome else { continue };
            if let Err(error) = self.ports.journal.conclude(*id, outcome).await {
                report::journal_failed(&error);
            }
        }
    }

    pub(super) async fn keep_journal(&mut self) {
        let now = self.ports.clock.now();
        if now - self.snapshot_at >= SNAPSHOT_EVERY_S {
            self.snapshot().await;
        }
        if now - self.pruned_at >= PRUNE_EVERY_S {
            self.pruned_at = now;
            let retention_s = self.config.retention.as_secs_f64();
            if let Err(error) = self.ports.journal.prune(now, retention_s).await {
                report::journal_failed(&error);
            }
        }
    }

    pub(super) async fn snapshot(&mut self) {
        self.snapshot_at = self.ports.clock.now();
        let states: Vec<_> = self.groups.iter().map(|group| (group.name(), &group.state)).collect();
        if let Err(error) = self.ports.journal.snapshot(self.snapshot_at, &states).await {
            report::journal_failed(&error);
        }
    }
}
