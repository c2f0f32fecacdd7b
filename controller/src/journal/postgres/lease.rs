//! The [`Lease`] port: a row that one daemon holds until a time.

use std::sync::Arc;
use std::time::Duration;

use super::session::{Sessions, in_time};
use crate::journal::JournalError;
use crate::ports::{Lease, Term};

/// Taken where it has ended, prolonged where it is held by the same; no row comes back where another holds it.
///
/// The condition is tested on the row as it is once it is locked, so of several that ask at once one gets it.
const HOLD: &str = "
    INSERT INTO lease (holder, term, ends_at)
    VALUES ($1, 1, clock_timestamp() + make_interval(secs => $2))
    ON CONFLICT (sole) DO UPDATE SET
      holder = excluded.holder,
      term = lease.term + CASE WHEN lease.ends_at > clock_timestamp() THEN 0 ELSE 1 END,
      ends_at = clock_timestamp() + make_interval(secs => $2)
    WHERE lease.ends_at <= clock_timestamp() OR lease.holder = excluded.holder
    RETURNING term";

/// Ends it now, for whoever stands by.
const RELEASE: &str = "UPDATE lease SET ends_at = clock_timestamp() WHERE holder = $1";

/// The lease of a journal's database.
#[derive(Debug)]
pub struct PostgresLease {
    sessions: Sessions,
    holder: Arc<str>,
}

impl PostgresLease {
    pub(super) fn new(sessions: Sessions, holder: Arc<str>) -> Self {
        Self { sessions, holder }
    }
}

impl Lease for PostgresLease {
    async fn hold(&self, lasts: Duration) -> Result<Option<Term>, JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            let asked = sqlx::query_scalar(HOLD).bind(&*self.holder).bind(lasts.as_secs_f64());
            let term: Option<i64> = asked.fetch_optional(&mut session).await?;
            self.sessions.put(session);
            Ok(term.map(Term))
        })
        .await
    }

    async fn release(&self) -> Result<(), JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            sqlx::query(RELEASE).bind(&*self.holder).execute(&mut session).await?;
            self.sessions.put(session);
            Ok(())
        })
        .await
    }
}
