//! A journal in memory, which survives the daemon that wrote it.

use std::sync::{Arc, Mutex, MutexGuard};

use controller::journal::{Entry, EntryId, JournalError, Outcome, Recovery};
use controller::ports::Journal;
use scaling::{Action, Reason, State};

/// The journal; its clones are the same one.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    outcomes: Vec<(usize, Outcome)>,
    snapshot: Option<(usize, State)>,
    full: bool,
}

impl Ledger {
    /// The disk is full from now on.
    pub fn fill(&self) {
        self.inner().full = true;
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.inner().entries.clone()
    }

    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<_> = self.inner().entries.iter().map(|entry| entry.decision.reason).collect();
        reasons.dedup();
        reasons
    }

    pub fn last(&self) -> Entry {
        self.inner().entries.last().cloned().unwrap()
    }

    /// Each decision to act with what came of it.
    pub fn results(&self) -> Vec<(Action, String)> {
        let inner = self.inner();
        let result = |(index, outcome): &(usize, Outcome)| {
            (inner.entries[*index].decision.action, outcome.result.clone())
        };
        inner.outcomes.iter().map(result).collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Journal for Ledger {
    async fn recover(&self, _: &str, _: f64) -> Result<Recovery, JournalError> {
        let inner = self.inner();
        let (through, state) = inner.snapshot.clone().unwrap_or_default();
        let observed = |entry: &Entry| entry.observation.clone();
        Ok(Recovery {
            state,
            observations: inner.entries[through..].iter().map(observed).collect(),
            datapoints: inner.entries.iter().flat_map(|entry| entry.observation.datapoints.clone()).collect(),
            observed_at: inner.entries.last().map(|entry| entry.observation.at),
            turns: Vec::new(),
        })
    }

    async fn record(&self, entries: &[Entry]) -> Result<Vec<EntryId>, JournalError> {
        let mut inner = self.inner();
        if inner.full {
            return Err(JournalError::Query(sqlx::Error::WorkerCrashed));
        }
        let first = inner.entries.len();
        inner.entries.extend_from_slice(entries);
        Ok((first..inner.entries.len()).map(|index| EntryId(index as i64)).collect())
    }

    async fn conclude(&self, id: EntryId, outcome: &Outcome) -> Result<(), JournalError> {
        self.inner().outcomes.push((id.0 as usize, outcome.clone()));
        Ok(())
    }

    async fn snapshot(&self, _: f64, states: &[(&str, &State)]) -> Result<(), JournalError> {
        let mut inner = self.inner();
        let through = inner.entries.len();
        inner.snapshot = states.first().map(|(_, state)| (through, (*state).clone()));
        Ok(())
    }

    async fn prune(&self, _: f64, _: f64) -> Result<(), JournalError> {
        Ok(())
    }
}
