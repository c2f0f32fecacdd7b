//! One PostgreSQL server: a pool for requests and one connection for health checks.

use std::io;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::watch;
use tracing::log::LevelFilter;

use super::{Connections, room};
use crate::settings::{DatabaseSettings, SecretUrl};

/// How long a health check waits for the database.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a request waits for a free connection before it is told that the database is not available. Longer is too
/// late for a dashboard. The replica's pool gets no less: one that is merely busy is not left for the primary.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Server {
    role: Role,
    pool: PgPool,
    /// Stands in for the pool while the server does not answer. It is closed, so whoever asks it is told at once: a
    /// pool would try to connect for as long as it has patience, and its waiters take the places of those requests
    /// that need no database.
    nobody: PgPool,
    answers: watch::Sender<bool>,
    /// The health checks' connection, while it stands.
    probe: tokio::sync::Mutex<Option<PgConnection>>,
    statement_timeout: Option<Duration>,
    address: Mutex<SecretUrl>,
}

/// What the server is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Primary,
    Replica,
}

impl Server {
    pub(super) fn open(
        url: &SecretUrl,
        pool_size: u32,
        role: Role,
        statement_timeout: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let options = options(url)?;
        let connections = pool_size.saturating_sub(1).max(1);
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).after_connect(
            move |connection, _| Box::pin(async move { limit(connection, statement_timeout).await }),
        );
        let nobody = PgPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        // Closed from the call on; what is awaited is the end of its connections, and it has none.
        drop(nobody.close());
        Ok(Self {
            role,
            pool: pool.connect_lazy_with(options),
            nobody,
            answers: watch::Sender::new(true),
            probe: None.into(),
            statement_timeout,
            address: Mutex::new(url.clone()),
        })
    }

    /// What the log and the metrics call it.
    pub(super) fn name(&self) -> &'static str {
        match self.role {
            Role::Primary => "primary",
            Role::Replica => "replica",
        }
    }

    /// The pool, or while the server does not answer one that says so at once.
    pub(super) fn pool(&self) -> &PgPool {
        if self.answers() { &self.pool } else { &self.nobody }
    }

    pub(super) async fn connect(&self) -> sqlx::Result<PgConnection> {
        let mut connection = self.pool.connect_options().connect().await?;
        limit(&mut connection, self.statement_timeout).await?;
        Ok(connection)
    }

    /// Whether it answered when it was last asked; believed until then.
    pub(super) fn answers(&self) -> bool {
        *self.answers.borrow()
    }

    /// Resolves when it stops answering; never where it does not answer now.
    pub(super) async fn lost(&self) {
        if !self.answers() {
            return std::future::pending().await;
        }
        // An error says that the sender is gone, which is this very server.
        let _ = self.answers.subscribe().wait_for(|answers| !answers).await;
    }

    /// Makes every connection of the pool that it can within the pool's patience: takes all of them at once, and gives
    /// them back. An error says that there was not even one, in the server's words: a pool only says that it waited.
    pub(super) async fn fill(&self) -> sqlx::Result<()> {
        let connections = (0..self.pool.options().get_max_connections()).map(|_| self.pool.acquire());
        let made: Vec<_> = join_all(connections).await.into_iter().flatten().collect();
        if made.is_empty() {
            return self.connect().await.map(drop);
        }
        // Those that are dropped come back later: whoever finds none meanwhile has the pool make another, in vain.
        for mut connection in made {
            connection.return_to_pool().await;
        }
        Ok(())
    }

    /// Asks whether it answers, on a connection of its own: a pool that is busy must not look like a server that is
    /// dead.
    pub(super) async fn probe(&self) -> sqlx::Result<()> {
        let answer = tokio::time::timeout(PROBE_TIMEOUT, self.ping()).await;
        let answer = answer.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        self.note(&answer);
        answer
    }

    async fn ping(&self) -> sqlx::Result<()> {
        let mut kept = self.probe.lock().await;
        // Taken out, so that one which is given up half way is not used again.
        let standing = match kept.take() {
            Some(mut connection) => connection.ping().await.ok().map(|()| connection),
            None => None,
        };
        *kept = Some(match standing {
            Some(connection) => connection,
            // It needs no limit of the server's: the question has one here, and each limit is one more round trip.
            None => self.pool.connect_options().connect().await?,
        });
        Ok(())
    }

    fn note(&self, answer: &sqlx::Result<()>) {
        let answered = self.answers.send_replace(answer.is_ok());
        let server = self.name();
        match answer {
            Err(error) if answered => tracing::warn!(server, %error, "the database does not answer"),
            Ok(()) if !answered => tracing::info!(server, "the database answers again"),
            _ => {}
        }
    }

    /// New connections go to this address, if it is another and makes sense.
    pub(super) fn follow(&self, url: &SecretUrl) {
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        if *address == *url {
            return;
        }
        match options(url) {
            Ok(options) => {
                tracing::info!("a database's address has changed: new connections use it");
                self.pool.set_connect_options(options);
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a database's new address makes no sense");
            }
        }
        address.clone_from(url);
    }

    /// Where it is, as an operator may read it: host, port and database.
    pub(super) fn place(&self) -> String {
        let options = self.pool.connect_options();
        let database = options.get_database().unwrap_or_default();
        format!("{}:{}/{database}", options.get_host(), options.get_port())
    }

    pub(super) async fn room(&self, settings: &DatabaseSettings) -> anyhow::Result<()> {
        room::check(self.pool(), self.role, settings).await
    }

    pub(super) fn connections(&self) -> Connections {
        let idle = self.pool.num_idle();
        Connections { used: self.pool.size().saturating_sub(idle as u32), idle }
    }
}

/// Limits this session's statements. It is said once the session stands: RDS Proxy refuses one that begins with options.
async fn limit(connection: &mut PgConnection, timeout: Option<Duration>) -> sqlx::Result<()> {
    let Some(timeout) = timeout else { return Ok(()) };
    let limit = "SELECT set_config('statement_timeout', $1, false)";
    sqlx::query(limit).bind(timeout.as_millis().to_string()).execute(connection).await.map(drop)
}

/// The address is never part of the error: it holds the password.
fn options(url: &SecretUrl) -> anyhow::Result<PgConnectOptions> {
    let scheme = url.as_str().split_once("://").map(|(scheme, _)| scheme);
    ensure!(
        matches!(scheme, Some("postgres" | "postgresql")),
        "is not a PostgreSQL address; allowed is postgres://user:password@host:port/database"
    );
    let options = PgConnectOptions::from_str(url.as_str()).context("is not a PostgreSQL address")?;
    Ok(options.application_name("exstrat-api").log_statements(LevelFilter::Debug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_begins_without_options() {
        let url = SecretUrl::from_str("postgres://u:p@localhost/d?sslmode=verify-full").unwrap();
        assert_eq!(options(&url).unwrap().get_options(), None, "RDS Proxy would refuse it");
    }
}
