//! Keeping the journal.

use super::{Daemon, report};
use crate::journal::{Entry, EntryId, JournalError, Outcome};
use crate::ports::{Fleet, Journal, Metrics};

/// How often the state is put into the journal.
const SNAPSHOT_EVERY_S: f64 = 300.0;
/// How often the journal forgets.
const PRUNE_EVERY_S: f64 = 3_600.0;

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// A full disk must not stop the fleet from growing: the error is said, and the tick goes on. None if the journal
    /// is another's: then nothing may be done.
    pub(super) async fn journal(&mut self, entries: &[Entry]) -> Option<Vec<EntryId>> {
        let written = self.ports.journal.record(entries).await;
        if matches!(written, Err(JournalError::NotLeader)) {
            return None;
        }
        self.note_journal(written.as_ref().err());
        Some(written.unwrap_or_default())
    }

    pub(super) async fn conclude(&mut self, ids: &[EntryId], outcomes: &[Option<Outcome>]) {
        for (id, outcome) in ids.iter().zip(outcomes) {
            let Some(outcome) = outcome else { continue };
            let written = self.ports.journal.conclude(*id, outcome).await;
            self.note_journal(written.as_ref().err());
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
            let written = self.ports.journal.prune(now, retention_s).await;
            self.note_journal(written.as_ref().err());
        }
    }

    /// Of whoever leads: what the others know is older.
    pub(super) async fn snapshot(&mut self) {
        if self.leads.is_none() {
            return;
        }
        self.snapshot_at = self.ports.clock.now();
        let states: Vec<_> = self.groups.iter().map(|group| (group.name(), &group.state)).collect();
        let written = self.ports.journal.snapshot(self.snapshot_at, &states).await;
        self.note_journal(written.as_ref().err());
    }

    /// Notes how a write went: in the log once, in the figures each time, and on the board as it is.
    fn note_journal(&mut self, failure: Option<&JournalError>) {
        if failure.is_some() {
            report::journal_failed();
        }
        self.journal_outage.note("the journal", self.ports.clock.now(), failure);
        self.board.note_journal(self.journal_outage.lasts());
    }
}
