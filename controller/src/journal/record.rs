//! What the journal's rows are in this program.

use scaling::{Decision, Observation};
use serde::Serialize;

/// Holds that say what the hold before them said, and all observations, are kept for two days: enough to replay and
/// explain a night, while the turns are kept for the whole retention.
pub(super) const DETAIL_S: f64 = 2.0 * 86_400.0;

/// One group's tick, as it goes into the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The group's name.
    pub group: String,
    /// What was known.
    pub observation: Observation,
    /// What was decided on it.
    pub decision: Decision,
    /// Whether it acts, or says something else than the one before: what a history is made of.
    pub turn: bool,
    /// Whether acting was forbidden by `--dry-run`.
    pub dry_run: bool,
}

/// An entry's identity; later entries have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId(pub i64);

/// What came of acting on a decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// When AWS answered, in Unix seconds.
    pub at: f64,
    /// `set`, `dry_run`, `not_leader`, or the kind of failure.
    pub result: String,
    /// AWS's own words on a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Outcome {
    /// AWS took the new desired capacity.
    pub fn set(at: f64) -> Self {
        Self { at, result: "set".to_owned(), detail: None }
    }

    /// Nothing was done, on purpose.
    pub fn dry_run(at: f64) -> Self {
        Self { at, result: "dry_run".to_owned(), detail: None }
    }

    /// Nothing was done: the lease would not have outlived the call.
    pub fn not_leader(at: f64) -> Self {
        Self { at, result: "not_leader".to_owned(), detail: None }
    }

    /// AWS refused or did not answer.
    pub fn failed(at: f64, error: &aws::Error) -> Self {
        Self { at, result: error.kind.as_str().to_owned(), detail: Some(error.to_string()) }
    }

    /// Whether AWS took the change.
    pub fn is_set(&self) -> bool {
        self.result == "set"
    }
}

/// A decision as read back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The group's name.
    pub group: String,
    /// The decision whole.
    pub decision: Decision,
    /// It in a sentence.
    pub sentence: String,
    /// Whether acting was forbidden by `--dry-run`.
    pub dry_run: bool,
    /// What came of acting on it; none for a hold.
    pub outcome: Option<Outcome>,
}

impl Record {
    /// A record of a decision on which nothing has been done yet.
    pub fn new(group: &str, decision: Decision, dry_run: bool) -> Self {
        Self { group: group.to_owned(), sentence: decision.explain(), decision, dry_run, outcome: None }
    }
}
