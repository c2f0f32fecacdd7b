//! The daemon's memory: what it observed, decided and did, and what it had learned.
//!
//! One `SQLite` file in WAL mode, which a `kill -9` at any instruction leaves whole. Each decision is written with
//! its observation before it is acted on; a snapshot of the state every few minutes, and the observations since,
//! give back the state as it was. Whoever writes holds the lock beside the file; anybody may read.

mod error;
mod lock;
mod read;
mod record;
mod recover;
mod write;

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use error::JournalError;
pub use lock::{Lock, is_locked};
pub use read::{Query, Reader};
pub use record::{Entry, EntryId, Outcome, Record};
pub use recover::Recovery;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The journal, open for writing.
#[derive(Debug)]
pub struct SqliteJournal {
    pool: SqlitePool,
    _lock: Lock,
}

impl SqliteJournal {
    /// Opens the journal at `path`, creating or upgrading it, and keeps everybody else from writing it.
    pub async fn open(path: &Path) -> Result<Self, JournalError> {
        let lock = Lock::acquire(path).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut may take the last rows with it, never the file; the group itself tells what was done.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|error| JournalError::unusable(path, &error))?;
        MIGRATIONS.run(&pool).await.map_err(|error| JournalError::of_migration(path, error))?;
        Ok(Self { pool, _lock: lock })
    }

    /// Writes everything back into the one file, and closes it.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
