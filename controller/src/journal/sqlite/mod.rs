//! On one `SQLite` file in WAL mode, which a `kill -9` at any instruction leaves whole.

mod lock;
mod write;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqliteExecutor, SqlitePool};

use super::error::newest;
use super::read::parsed;
use super::{JournalError, Location, Query, Record, sql};
use lock::Lock;

pub use lock::is_locked;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// The journal, open for writing.
#[derive(Debug)]
pub struct SqliteJournal {
    pool: SqlitePool,
    _lock: Lock,
}

impl SqliteJournal {
    /// Opens the journal at `path`, creating or upgrading it, and keeps everybody else from writing it.
    pub async fn open(path: &Path) -> Result<Self, JournalError> {
        let journal = Location::from(path);
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
            .map_err(|error| JournalError::unusable(&journal, &error))?;
        let migrated = MIGRATIONS.run(&pool).await;
        migrated.map_err(|error| JournalError::of_migration(&journal, known_schema(), error))?;
        Ok(Self { pool, _lock: lock })
    }

    /// Writes everything back into the one file, and closes it.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// The newest schema that this program knows.
pub(super) fn known_schema() -> i64 {
    newest(&MIGRATIONS)
}

/// The decisions that `query` asks for, newest first.
pub(super) async fn records(
    executor: impl SqliteExecutor<'_>,
    query: &Query,
) -> Result<Vec<Record>, JournalError> {
    let rows = sqlx::query_as(sql::RECORDS)
        .bind(&query.group)
        .bind(query.since)
        .bind(query.until)
        .bind(query.turns)
        .bind(i64::from(query.limit))
        .fetch_all(executor)
        .await?;
    parsed(rows)
}
