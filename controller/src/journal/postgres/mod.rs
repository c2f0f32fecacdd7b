//! In a PostgreSQL database, for daemons of which one leads and the others stand by.
//!
//! The lease is a row. Its end is told by the database's clock alone, so that no two machines' clocks need to agree; and
//! everything is written in a transaction that holds the row while it writes, so that whoever has lost the lease
//! writes nothing.

mod lease;
mod session;
mod write;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgExecutor;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;

use super::error::newest;
use super::read::parsed;
use super::{JournalError, Location, Query, Record, sql};
use session::Sessions;

pub use lease::PostgresLease;

/// The longest that anything asked of the database may take: a leader that waits for it does not look at its groups.
pub(super) const LIMIT: Duration = Duration::from_secs(3);

/// Whether anybody leads.
pub(super) const IS_LED: &str = "SELECT EXISTS (SELECT FROM lease WHERE ends_at > clock_timestamp())";

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// The journal, open for writing by whoever holds its lease.
#[derive(Debug)]
pub struct PostgresJournal {
    sessions: Sessions,
    holder: Arc<str>,
}

/// Opens the journal at `url`, creating or upgrading it, and the lease that allows writing it.
pub async fn open(url: &str) -> Result<(PostgresJournal, PostgresLease), JournalError> {
    let journal = Location::Database(url.to_owned());
    let options = options(url, &journal)?;
    let unusable = |error: JournalError| JournalError::unusable(&journal, &error);
    let sessions = Sessions::new(options.clone());
    let mut session = session::in_time(sessions.take()).await.map_err(unusable)?;
    let migrated = MIGRATIONS.run(&mut session).await;
    migrated.map_err(|error| JournalError::of_migration(&journal, known_schema(), error))?;
    let holder: String = sqlx::query_scalar("SELECT gen_random_uuid()::text").fetch_one(&mut session).await?;
    sessions.put(session);
    let holder: Arc<str> = holder.into();
    // A connection of its own: the lease is renewed whatever the journal waits for.
    let lease = PostgresLease::new(Sessions::new(options), holder.clone());
    Ok((PostgresJournal { sessions, holder }, lease))
}

pub(super) fn options(url: &str, journal: &Location) -> Result<PgConnectOptions, JournalError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| JournalError::unusable(journal, &error))?;
    Ok(options.application_name("controller"))
}

/// The newest schema that this program knows.
pub(super) fn known_schema() -> i64 {
    newest(&MIGRATIONS)
}

/// The decisions that `query` asks for, newest first.
pub(super) async fn records(
    executor: impl PgExecutor<'_>,
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
