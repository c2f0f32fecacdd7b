//! What the daemon shows of itself: the HTTP server reads it, the loop writes it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scaling::Reading;
use serde::Serialize;

use crate::journal::{Entry, Outcome, Record, Recovery};

/// Turns that are kept for each group.
const TURNS: usize = 50;

/// The board; its clones are the same one.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<Shown>>);

#[derive(Debug)]
struct Shown {
    ticked_at: f64,
    /// A loop that has not ticked for longer is stuck.
    patience: Duration,
    dry_run: bool,
    leads: bool,
    journal_fails: bool,
    groups: BTreeMap<String, GroupBoard>,
}

/// One group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GroupBoard {
    /// The last decision; none before the first tick.
    pub last: Option<Record>,
    /// Whether decisions are acted on.
    pub dry_run: bool,
    /// Whether the group and its load balancer have ever been seen whole.
    pub observed: bool,
    /// What came of the last decision that was acted on.
    pub last_outcome: Option<Outcome>,
    /// The latest decisions that acted or changed their reason, newest first.
    pub recent: VecDeque<Record>,
}

impl Board {
    pub(super) fn new(now: f64, patience: Duration, dry_run: bool) -> Self {
        let groups = BTreeMap::new();
        Self(Arc::new(Mutex::new(Shown {
            ticked_at: now,
            patience,
            dry_run,
            leads: false,
            journal_fails: false,
            groups,
        })))
    }

    /// Whether the loop ticks, seen from `now`.
    pub fn is_alive(&self, now: f64) -> bool {
        let shown = self.shown();
        now - shown.ticked_at <= shown.patience.as_secs_f64()
    }

    /// Seconds since the last tick ended.
    pub fn ticked_ago_s(&self, now: f64) -> f64 {
        now - self.shown().ticked_at
    }

    /// Whether it leads; otherwise it stands by, and its groups are as they were when it last led or started.
    pub fn leads(&self) -> bool {
        self.shown().leads
    }

    /// The groups of which there has been no complete observation yet.
    pub fn unobserved(&self) -> Vec<String> {
        let shown = self.shown();
        shown.groups.iter().filter(|(_, group)| !group.observed).map(|(name, _)| name.clone()).collect()
    }

    /// Whether the journal could not be written when it was last tried.
    pub fn journal_fails(&self) -> bool {
        self.shown().journal_fails
    }

    /// Everything, by group.
    pub fn groups(&self) -> BTreeMap<String, GroupBoard> {
        self.shown().groups.clone()
    }

    pub(super) fn note_journal(&self, fails: bool) {
        self.shown().journal_fails = fails;
    }

    pub(super) fn note_leading(&self, leads: bool) {
        self.shown().leads = leads;
    }

    pub(super) fn set_patience(&self, patience: Duration) {
        self.shown().patience = patience;
    }

    /// Shows what the journal remembers of a group.
    pub(super) fn seed(&self, group: &str, recovery: &Recovery) {
        let mut shown = self.shown();
        let dry_run = shown.dry_run;
        let recent: VecDeque<Record> = recovery.turns.iter().take(TURNS).cloned().collect();
        let last_outcome = recent.iter().find_map(|record| record.outcome.clone());
        let board = GroupBoard { dry_run, last_outcome, recent, ..GroupBoard::default() };
        shown.groups.insert(group.to_owned(), board);
    }

    pub(super) fn keep_only(&self, groups: &[&str]) {
        self.shown().groups.retain(|name, _| groups.contains(&name.as_str()));
    }

    /// Shows a tick that ended at `now`.
    pub(super) fn show(&self, now: f64, entries: &[Entry], outcomes: &[Option<Outcome>]) {
        let mut shown = self.shown();
        shown.ticked_at = now;
        for (entry, outcome) in entries.iter().zip(outcomes) {
            shown.groups.entry(entry.group.clone()).or_default().show(entry, outcome.clone());
        }
    }

    /// Nothing panics while it holds the lock, and a board that could not be shown would be worse than an old one.
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GroupBoard {
    fn show(&mut self, entry: &Entry, outcome: Option<Outcome>) {
        let mut record = Record::new(&entry.group, entry.decision.clone(), entry.dry_run);
        record.outcome.clone_from(&outcome);
        let known = |reading: &Reading| matches!(reading, Reading::Fresh { .. } | Reading::NoTraffic { .. });
        self.observed |= entry.decision.current.is_some() && known(&entry.decision.inputs.requests_per_s);
        self.dry_run = entry.dry_run;
        self.last_outcome = outcome.or(self.last_outcome.take());
        if entry.turn {
            self.recent.push_front(record.clone());
            self.recent.truncate(TURNS);
        }
        self.last = Some(record);
    }
}
