//! A journal in memory, which survives the daemon that wrote it.

use std::collections::BTreeMap;
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
    /// Each group's state, and how many entries it holds.
    snapshots: BTreeMap<String, (usize, State)>,
    full: bool,
    /// Another daemon holds the lease that allows writing.
    lost: bool,
    /// A group whose rows cannot be read.
    unreadable: Option<String>,
}

impl Ledger {
    /// The disk is full from now on, or has room again.
    pub fn fill(&self, full: bool) {
        self.inner().full = full;
    }

    /// Another daemon has the lease from now on, whatever this one believes.
    pub fn lose(&self) {
        self.inner().lost = true;
    }

    /// What it has of a group cannot be read.
    pub fn damage(&self, group: &str) {
        self.inner().unreadable = Some(group.to_owned());
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.inner().entries.clone()
    }

    pub fn entries_of(&self, group: &str) -> Vec<Entry> {
        self.inner().entries.iter().filter(|entry| entry.group == group).cloned().collect()
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

impl Inner {
    fn write(&mut self) -> Result<&mut Self, JournalError> {
        if self.lost {
            return Err(JournalError::NotLeader);
        }
        if self.full { Err(JournalError::Query(sqlx::Error::WorkerCrashed)) } else { Ok(self) }
    }
}

impl Journal for Ledger {
    async fn recover(&self, group: &str, _: f64) -> Result<Recovery, JournalError> {
        let inner = self.inner();
        if inner.unreadable.as_deref() == Some(group) {
            return Err(JournalError::Query(sqlx::Error::WorkerCrashed));
        }
        let (through, state) = inner.snapshots.get(group).cloned().unwrap_or_default();
        let of_group = |entries: &[Entry]| -> Vec<Entry> {
            entries.iter().filter(|entry| entry.group == group).cloned().collect()
        };
        let entries = of_group(&inner.entries);
        Ok(Recovery {
            state,
            observations: of_group(&inner.entries[through..])
                .into_iter()
                .map(|entry| entry.observation)
                .collect(),
            datapoints: entries.iter().flat_map(|entry| entry.observation.datapoints.clone()).collect(),
            observed_at: entries.last().map(|entry| entry.observation.at),
            turns: Vec::new(),
        })
    }

    async fn record(&self, entries: &[Entry]) -> Result<Vec<EntryId>, JournalError> {
        let mut inner = self.inner();
        let inner = inner.write()?;
        let first = inner.entries.len();
        inner.entries.extend_from_slice(entries);
        Ok((first..inner.entries.len()).map(|index| EntryId(index as i64)).collect())
    }

    async fn conclude(&self, id: EntryId, outcome: &Outcome) -> Result<(), JournalError> {
        self.inner().write()?.outcomes.push((id.0 as usize, outcome.clone()));
        Ok(())
    }

    async fn snapshot(&self, _: f64, states: &[(&str, &State)]) -> Result<(), JournalError> {
        let mut inner = self.inner();
        let inner = inner.write()?;
        let through = inner.entries.len();
        let snapshots =
            states.iter().map(|(group, state)| ((*group).to_owned(), (through, (*state).clone())));
        inner.snapshots.extend(snapshots);
        Ok(())
    }

    async fn prune(&self, _: f64, _: f64) -> Result<(), JournalError> {
        self.inner().write()?;
        Ok(())
    }
}
