//! PostgreSQL: the primary, and a replica for the reads where there is one.
//!
//! Connections are few, because every instance of the fleet holds its own. One of them is kept for health checks:
//! a pool that is busy must not look like a database that is dead, or the load balancer would take instances away
//! exactly when they are needed.

mod room;
mod server;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Context;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::settings::{DatabaseSettings, SecretUrl};
use server::{Patience, Server};

/// How often the servers are asked whether they answer, and the files with their addresses whether they changed.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// The servers that hold ExStrat's data.
pub struct Database {
    primary: Server,
    replica: Option<Replica>,
    settings: DatabaseSettings,
}

struct Replica {
    server: Server,
    answers: AtomicBool,
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Those that somebody uses.
    pub used: u32,
    /// Those that nobody uses.
    pub idle: usize,
}

impl Database {
    /// Prepares the pools; connections are made when they are needed, so a database that is down now shows in
    /// [`Database::check`], not here.
    pub fn open(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let timeout = Some(settings.statement_timeout);
        let open = |url: &SecretUrl, patience| Server::open(url, settings.pool_size, patience, timeout);
        let replica = match settings.replica_address().context("DATABASE_REPLICA_URL_FILE")? {
            Some(url) => {
                let server = open(&url, Patience::ForReplica).context("DATABASE_REPLICA_URL")?;
                Some(Replica { server, answers: true.into() })
            }
            None => None,
        };
        let primary = settings.primary_address().context("DATABASE_URL_FILE")?;
        let primary = open(&primary, Patience::ForPrimary).context("DATABASE_URL")?;
        Ok(Self { primary, replica, settings: settings.clone() })
    }

    /// The primary alone, for an operator's jobs: its statements may take their time.
    pub fn for_operator(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let url = settings.primary_address().context("DATABASE_URL_FILE")?;
        let primary =
            Server::open(&url, settings.pool_size, Patience::ForPrimary, None).context("DATABASE_URL")?;
        Ok(Self { primary, replica: None, settings: settings.clone() })
    }

    /// Where to read: the replica while it answers, else the primary.
    pub fn reads(&self) -> &PgPool {
        match &self.replica {
            Some(replica) if replica.answers.load(Relaxed) => replica.server.pool(),
            _ => self.primary.pool(),
        }
    }

    /// Where to write.
    pub fn primary(&self) -> &PgPool {
        self.primary.pool()
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.primary.pool().begin().await
    }

    /// A connection to the primary that belongs to no pool.
    pub async fn connect_to_primary(&self) -> sqlx::Result<PgConnection> {
        self.primary.connect().await
    }

    /// A read failed: if it may have been the replica's fault, reads go to the primary until it answers again.
    /// Whether they went to the replica until now.
    pub fn doubt_replica(&self) -> bool {
        self.replica.as_ref().is_some_and(|replica| replica.note(Err("a read failed".to_owned())))
    }

    /// Asks the server that reads go to; when the replica fails, reads go to the primary until it answers again.
    pub async fn check(&self) -> sqlx::Result<()> {
        if let Some(replica) = &self.replica {
            let answer = replica.server.probe().await;
            replica.note(answer.as_ref().copied().map_err(ToString::to_string));
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

    /// Watches the replica, and the files that hold addresses, for ever.
    pub async fn watch(&self) {
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            self.reload();
            if self.replica.is_some() {
                // What it finds it notes.
                let _ = self.check().await;
            }
        }
    }

    /// Credentials rotate: new connections use what the files say now. A file that makes no sense changes nothing.
    fn reload(&self) {
        let primary = self.settings.url_file.is_some().then(|| self.settings.primary_address().map(Some));
        let replica = self.settings.replica_url_file.is_some().then(|| self.settings.replica_address());
        let servers = [(primary, Some(&self.primary)), (replica, self.replica.as_ref().map(|it| &it.server))];
        for (address, server) in servers {
            match (address, server) {
                (Some(Ok(Some(url))), Some(server)) => server.follow(&url),
                (Some(Err(error)), _) => {
                    tracing::warn!(error = format!("{error:#}"), "an address was not read again");
                }
                _ => {}
            }
        }
    }

    /// The pools and how much of them is used.
    pub fn connections(&self) -> impl Iterator<Item = (&'static str, Connections)> {
        let replica = self.replica.as_ref().map(|replica| ("replica", replica.server.connections()));
        [("primary", self.primary.connections())].into_iter().chain(replica)
    }

    /// Whether the fleet's pools fit the database; an error says by how much they do not.
    pub async fn check_room(&self) -> anyhow::Result<()> {
        room::check(self.primary(), &self.settings).await
    }
}

impl Replica {
    /// Whether it answered until now.
    fn note(&self, answer: Result<(), String>) -> bool {
        let answered = self.answers.swap(answer.is_ok(), Relaxed);
        match answer {
            Err(error) if answered => {
                tracing::warn!(error, "the replica does not answer: reads go to the primary");
            }
            Ok(()) if !answered => tracing::info!("the replica answers again"),
            _ => {}
        }
        answered
    }
}
