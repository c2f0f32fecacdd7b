//! Why the journal cannot be used.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

use super::MIGRATIONS;

/// A journal that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another daemon writes it.
    #[error("another controller{} writes the journal {}: stop it, or give this one a journal of its own", by(.holder.as_deref()), .path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
        /// The other's process id, if it could be read.
        holder: Option<String>,
    },
    /// Written by a newer program.
    #[error("the journal {} has schema {found}, and this program knows {known}: run the newer program, or name another journal", .path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// There is none yet.
    #[error("there is no journal {}: has the controller run with this configuration?", .0.display())]
    Absent(PathBuf),
    /// It is there, and cannot be used.
    #[error("the journal {} cannot be used: {why}", .path.display())]
    Unusable {
        /// The journal.
        path: PathBuf,
        /// In `SQLite`'s or the system's words.
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
    /// A query failed.
    #[error("the journal failed: {0}")]
    Query(#[from] sqlx::Error),
    /// What is in it is not what was put in.
    #[error("the journal holds an unreadable row: {0}")]
    Row(#[from] serde_json::Error),
}

impl JournalError {
    pub(super) fn unusable(path: &Path, why: &dyn Display) -> Self {
        Self::Unusable { path: path.to_owned(), why: why.to_string() }
    }

    pub(super) fn of_migration(path: &Path, error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
                Self::Newer { path: path.to_owned(), found, known: known_schema() }
            }
            error => Self::unusable(path, &error),
        }
    }
}

/// The newest schema that this program knows.
pub(super) fn known_schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn by(holder: Option<&str>) -> String {
    holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
