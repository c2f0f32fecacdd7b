//! Reading: what the command line and the history show.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{Row, SqlitePool};

use super::error::known_schema;
use super::{JournalError, Outcome, Record};

/// The journal, open for reading; a daemon may go on writing it.
#[derive(Debug)]
pub struct Reader {
    pool: SqlitePool,
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

impl Query {
    /// Everything of one group.
    pub fn group(name: &str) -> Self {
        Self { group: Some(name.to_owned()), limit: u32::MAX, ..Self::default() }
    }
}

impl Reader {
    /// Opens the journal at `path`, which must exist and be of a schema that this program knows.
    pub async fn open(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            return Err(JournalError::Absent(path.to_owned()));
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|error| JournalError::unusable(path, &error))?;
        let found: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&pool)
            .await
            .map_err(|error| JournalError::unusable(path, &error))?;
        let known = known_schema();
        if found > known {
            return Err(JournalError::Newer { path: path.to_owned(), found, known });
        }
        Ok(Self { pool })
    }

    /// The groups of which it has decisions, by name.
    pub async fn groups(&self) -> Result<Vec<String>, JournalError> {
        let names = "SELECT DISTINCT group_name FROM decision ORDER BY group_name";
        Ok(sqlx::query_scalar(names).fetch_all(&self.pool).await?)
    }

    /// The decisions that `query` asks for, newest first.
    pub async fn records(&self, query: &Query) -> Result<Vec<Record>, JournalError> {
        records(&self.pool, query).await
    }
}

pub(super) async fn records(pool: &SqlitePool, query: &Query) -> Result<Vec<Record>, JournalError> {
    let rows = sqlx::query(
        "SELECT group_name, decision, dry_run, outcome.at AS concluded_at, result, detail
         FROM decision LEFT JOIN outcome ON outcome.decision_id = decision.id
         WHERE (?1 IS NULL OR group_name = ?1)
           AND (?2 IS NULL OR decision.at >= ?2)
           AND (?3 IS NULL OR decision.at <= ?3)
           AND (NOT ?4 OR turn)
         ORDER BY decision.id DESC LIMIT ?5",
    )
    .bind(&query.group)
    .bind(query.since)
    .bind(query.until)
    .bind(query.turns)
    .bind(query.limit)
    .fetch_all(pool)
    .await?;
    rows.iter().map(record).collect()
}

fn record(row: &SqliteRow) -> Result<Record, JournalError> {
    let decision = serde_json::from_str(row.try_get("decision")?)?;
    let mut record = Record::new(row.try_get("group_name")?, decision, row.try_get("dry_run")?);
    if let Some(at) = row.try_get("concluded_at")? {
        record.outcome = Some(Outcome { at, result: row.try_get("result")?, detail: row.try_get("detail")? });
    }
    Ok(record)
}
