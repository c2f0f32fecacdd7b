//! PostgreSQL: the primary, and a replica for the reads where there is one.
//!
//! Connections are few, because every instance of the fleet holds its own. One of them is kept for health checks:
//! a pool that is busy must not look like a database that is dead, or the load balancer would take instances away
//! exactly when they are needed.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};
use tracing::log::LevelFilter;

use crate::settings::DatabaseSettings;

/// How long a health check waits for the database.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a request waits for a free connection before it is told that the database is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The servers that hold ExStrat's data.
pub struct Database {
    primary: Server,
    replica: Option<Replica>,
}

struct Server {
    pool: PgPool,
    probe: PgPool,
}

struct Replica {
    server: Server,
    answers: AtomicBool,
}

impl Database {
    /// Prepares the pools; connections are made when they are needed, so a database that is down now shows in
    /// [`Database::check`], not here.
    pub fn open(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let replica = match &settings.replica_url {
            Some(url) => {
                let server =
                    Server::open(url.as_str(), settings.pool_size).context("DATABASE_REPLICA_URL")?;
                Some(Replica { server, answers: true.into() })
            }
            None => None,
        };
        let primary = Server::open(settings.url.as_str(), settings.pool_size).context("DATABASE_URL")?;
        Ok(Self { primary, replica })
    }

    /// Where to read: the replica while it answers, else the primary.
    pub fn reads(&self) -> &PgPool {
        match &self.replica {
            Some(replica) if replica.answers.load(Relaxed) => &replica.server.pool,
            _ => &self.primary.pool,
        }
    }

    /// Where to write.
    pub fn primary(&self) -> &PgPool {
        &self.primary.pool
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
        self.primary.pool.begin().await
    }

    /// Asks the server that reads go to; when the replica fails, reads go to the primary until it answers again.
    pub async fn check(&self) -> sqlx::Result<()> {
        if let Some(replica) = &self.replica {
            let answer = replica.server.probe().await;
            replica.note(answer.as_ref().err());
            if answer.is_ok() {
                return Ok(());
            }
        }
        self.primary.probe().await
    }

    /// Asks the replica alone, if there is one.
    pub async fn check_replica(&self) -> Option<sqlx::Result<()>> {
        Some(self.replica.as_ref()?.server.probe().await)
    }

    /// Asks the primary alone.
    pub async fn check_primary(&self) -> sqlx::Result<()> {
        self.primary.probe().await
    }
}

impl Replica {
    fn note(&self, error: Option<&sqlx::Error>) {
        let answered = self.answers.swap(error.is_none(), Relaxed);
        match error {
            Some(error) if answered => {
                tracing::warn!(%error, "the replica does not answer: reads go to the primary");
            }
            None if !answered => tracing::info!("the replica answers again"),
            _ => {}
        }
    }
}

impl Server {
    fn open(url: &str, pool_size: u32) -> anyhow::Result<Self> {
        let options = options(url)?;
        let pool = |connections| PgPoolOptions::new().max_connections(connections);
        Ok(Self {
            pool: pool(pool_size.saturating_sub(1).max(1))
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_lazy_with(options.clone()),
            probe: pool(1).acquire_timeout(PROBE_TIMEOUT).connect_lazy_with(options),
        })
    }

    async fn probe(&self) -> sqlx::Result<()> {
        // Taking a connection out of a pool pings it.
        let probe = async { self.probe.acquire().await.map(drop) };
        tokio::time::timeout(PROBE_TIMEOUT, probe).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}

/// The address is never part of the error: it holds the password.
fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    ensure!(
        matches!(scheme, Some("postgres" | "postgresql")),
        "is not a PostgreSQL address; allowed is postgres://user:password@host:port/database"
    );
    let options = PgConnectOptions::from_str(url).context("is not a PostgreSQL address")?;
    Ok(options.application_name("exstrat-api").log_statements(LevelFilter::Debug))
}
