//! One PostgreSQL server: a pool for requests and one connection for health checks.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool};
use tracing::log::LevelFilter;

use super::Connections;
use crate::settings::SecretUrl;

/// How long a health check waits for the database.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct Server {
    pool: PgPool,
    probe: PgPool,
    statement_timeout: Option<Duration>,
    address: Mutex<SecretUrl>,
}

/// How long a request waits for a free connection before it is told that the database is not available.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    ForPrimary,
    /// There is somebody else to ask.
    ForReplica,
}

impl Patience {
    fn acquire_timeout(self) -> Duration {
        match self {
            Self::ForPrimary => Duration::from_secs(10),
            Self::ForReplica => Duration::from_secs(2),
        }
    }
}

impl Server {
    pub(super) fn open(
        url: &SecretUrl,
        pool_size: u32,
        patience: Patience,
        statement_timeout: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let options = options(url, statement_timeout)?;
        let pool = |connections| PgPoolOptions::new().max_connections(connections);
        Ok(Self {
            pool: pool(pool_size.saturating_sub(1).max(1))
                .acquire_timeout(patience.acquire_timeout())
                .connect_lazy_with(options.clone()),
            probe: pool(1).acquire_timeout(PROBE_TIMEOUT).connect_lazy_with(options),
            statement_timeout,
            address: Mutex::new(url.clone()),
        })
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn connect(&self) -> sqlx::Result<PgConnection> {
        self.pool.connect_options().connect().await
    }

    pub(super) async fn probe(&self) -> sqlx::Result<()> {
        // Taking a connection out of a pool pings it.
        let probe = async { self.probe.acquire().await.map(drop) };
        tokio::time::timeout(PROBE_TIMEOUT, probe).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// New connections go to this address, if it is another and makes sense.
    pub(super) fn follow(&self, url: &SecretUrl) {
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        if *address == *url {
            return;
        }
        match options(url, self.statement_timeout) {
            Ok(options) => {
                tracing::info!("a database's address has changed: new connections use it");
                self.pool.set_connect_options(options.clone());
                self.probe.set_connect_options(options);
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a database's new address makes no sense");
            }
        }
        address.clone_from(url);
    }

    pub(super) fn connections(&self) -> Connections {
        let idle = self.pool.num_idle();
        Connections { used: self.pool.size().saturating_sub(idle as u32), idle }
    }
}

/// The address is never part of the error: it holds the password.
fn options(url: &SecretUrl, statement_timeout: Option<Duration>) -> anyhow::Result<PgConnectOptions> {
    let scheme = url.as_str().split_once("://").map(|(scheme, _)| scheme);
    ensure!(
        matches!(scheme, Some("postgres" | "postgresql")),
        "is not a PostgreSQL address; allowed is postgres://user:password@host:port/database"
    );
    let options = PgConnectOptions::from_str(url.as_str()).context("is not a PostgreSQL address")?;
    let options = options.application_name("exstrat-api").log_statements(LevelFilter::Debug);
    Ok(match statement_timeout {
        Some(timeout) => options.options([("statement_timeout", timeout.as_millis().to_string())]),
        None => options,
    })
}
