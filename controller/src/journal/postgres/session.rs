//! Connections that are given up as soon as one of them fails.
//!
//! A pool hands a broken connection out again until the system notices, which on a network that swallows packets takes
//! a quarter of an hour; a lease has seconds.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::LIMIT;
use crate::journal::JournalError;

/// One connection, kept while it works.
#[derive(Debug)]
pub(super) struct Sessions {
    options: PgConnectOptions,
    idle: Mutex<Option<PgConnection>>,
}

impl Sessions {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options, idle: Mutex::new(None) }
    }

    /// The idle connection, or a new one. Whoever fails with it, or is late, drops it.
    pub(super) async fn take(&self) -> Result<PgConnection, JournalError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        match idle {
            Some(session) => Ok(session),
            None => Ok(PgConnection::connect_with(&self.options).await?),
        }
    }

    /// Keeps a connection with which all went well.
    pub(super) fn put(&self, session: PgConnection) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }
}

/// Awaits what is asked of the database, for [`LIMIT`] at most.
pub(super) async fn in_time<T>(
    asked: impl Future<Output = Result<T, JournalError>>,
) -> Result<T, JournalError> {
    tokio::time::timeout(LIMIT, asked).await.unwrap_or(Err(JournalError::Late(LIMIT)))
}
