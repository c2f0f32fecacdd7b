//! Why the journal cannot be used.

use std::fmt::Display;

use sqlx::migrate::{MigrateError, Migrator};

use super::Location;

/// A journal that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another daemon writes it.
    #[error("another controller{} writes the journal {journal}: stop it, or give this one a journal of its own", by(.holder.as_deref()))]
    Locked {
        /// The journal.
        journal: Location,
        /// The other's process id, if it could be read.
        holder: Option<String>,
    },
    /// Written by a newer program.
    #[error(
        "the journal {journal} has schema {found}, and this program knows {known}: run the newer program, or name another journal"
    )]
    Newer {
        /// The journal.
        journal: Location,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// There is none yet.
    #[error("there is no journal {0}: has the controller run with this configuration?")]
    Absent(Location),
    /// It is there, and cannot be used.
    #[error("the journal {journal} cannot be used: {why}")]
    Unusable {
        /// The journal.
        journal: Location,
        /// In the database's or the system's words.
        why: String,
    },
    /// A state in it cannot be used.
    #[error("group {group}: {source}")]
    State {
        /// Whose state.
        group: String,
        /// Why.
        source: scaling::StateError,
    },
    /// Another daemon leads, so this one writes nothing.
    #[error("the lease has ended, or another controller holds it")]
    NotLeader,
    /// The database does not answer.
    #[error("no answer within {0:?}")]
    Late(std::time::Duration),
    /// A query failed.
    #[error("the journal failed: {0}")]
    Query(#[from] sqlx::Error),
    /// What is in it is not what was put in.
    #[error("the journal holds an unreadable row: {0}")]
    Row(#[from] serde_json::Error),
}

impl JournalError {
    pub(super) fn unusable(journal: &Location, why: &dyn Display) -> Self {
        Self::Unusable { journal: journal.clone(), why: why.to_string() }
    }

    pub(super) fn of_migration(journal: &Location, known: i64, error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
                Self::Newer { journal: journal.clone(), found, known }
            }
            error => Self::unusable(journal, &error),
        }
    }
}

/// The newest schema among `migrations`.
pub(super) fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn by(holder: Option<&str>) -> String {
    holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
