//! Reading: what the command line and the history show.

use std::path::PathBuf;

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use super::{JournalError, Location, Outcome, Record, postgres, sql, sqlite};

/// The journal, open for reading; a daemon may go on writing it.
#[derive(Debug)]
pub struct Reader(Store);

#[derive(Debug)]
enum Store {
    File(SqlitePool, PathBuf),
    Database(PgPool),
}

/// Which decisions, newest first.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of one group only.
    pub group: Option<String>,
    /// Not before, in Unix seconds.
    pub since: Option<f64>,
    /// Not after, in Unix seconds.
    pub until: Option<f64>,
    /// Only those that acted or changed their reason.
    pub turns: bool,
    /// At most so many.
    pub limit: u32,
}

/// A row of [`sql::RECORDS`].
pub(super) type Row = (String, String, bool, Option<f64>, Option<String>, Option<String>);

impl Query {
    /// Everything of one group.
    pub fn group(name: &str) -> Self {
        Self { group: Some(name.to_owned()), limit: u32::MAX, ..Self::default() }
    }
}

impl Reader {
    /// Opens the journal, which must exist and be of a schema that this program knows.
    pub async fn open(journal: &Location) -> Result<Self, JournalError> {
        let unusable = |error| JournalError::unusable(journal, &error);
        let (store, found, known) = match journal {
            Location::File(path) if !path.exists() => return Err(JournalError::Absent(journal.clone())),
            Location::File(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
                let pool = pool.await.map_err(unusable)?;
                let found = sqlx::query_scalar(SCHEMA).fetch_one(&pool).await.map_err(unusable)?;
                (Store::File(pool, path.clone()), found, sqlite::known_schema())
            }
            Location::Database(url) => {
                let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(postgres::LIMIT);
                let pool = pool.connect_with(postgres::options(url, journal)?).await.map_err(unusable)?;
                let found = sqlx::query_scalar(SCHEMA).fetch_one(&pool).await.map_err(unusable)?;
                (Store::Database(pool), found, postgres::known_schema())
            }
        };
        if found > known {
            return Err(JournalError::Newer { journal: journal.clone(), found, known });
        }
        Ok(Self(store))
    }

    /// Whether a daemon writes it now.
    pub async fn is_written(&self) -> Result<bool, JournalError> {
        match &self.0 {
            Store::File(_, path) => Ok(sqlite::is_locked(path)),
            Store::Database(pool) => Ok(sqlx::query_scalar(postgres::IS_LED).fetch_one(pool).await?),
        }
    }

    /// The groups of which it has decisions, by name.
    pub async fn groups(&self) -> Result<Vec<String>, JournalError> {
        Ok(match &self.0 {
            Store::File(pool, _) => sqlx::query_scalar(sql::GROUPS).fetch_all(pool).await?,
            Store::Database(pool) => sqlx::query_scalar(sql::GROUPS).fetch_all(pool).await?,
        })
    }

    /// The decisions that `query` asks for, newest first.
    pub async fn records(&self, query: &Query) -> Result<Vec<Record>, JournalError> {
        match &self.0 {
            Store::File(pool, _) => sqlite::records(pool, query).await,
            Store::Database(pool) => postgres::records(pool, query).await,
        }
    }
}

const SCHEMA: &str = "SELECT max(version) FROM _sqlx_migrations";

/// The records of rows of [`sql::RECORDS`].
pub(super) fn parsed(rows: Vec<Row>) -> Result<Vec<Record>, JournalError> {
    rows.into_iter().map(record).collect()
}

fn record((group, decision, dry_run, concluded_at, result, detail): Row) -> Result<Record, JournalError> {
    let mut record = Record::new(&group, serde_json::from_str(&decision)?, dry_run);
    let outcome = concluded_at.zip(result);
    record.outcome = outcome.map(|(at, result)| Outcome { at, result, detail });
    Ok(record)
}
