//! PostgreSQL: the primary, and a replica for the reads where there is one.
//!
//! Connections are few, because every instance of the fleet holds its own. One of them is kept for health checks:
//! a pool that is busy must not look like a database that is dead, or the load balancer would take instances away
//! exactly when they are needed.

mod room;
mod server;

use std::time::Duration;

use anyhow::Context;
use futures::future::try_join_all;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::settings::{DatabaseSettings, SecretUrl};
use server::{Role, Server};

/// How often the servers are asked whether they answer, and the files with their addresses whether they changed. Who
/// asks for a connection in between, and the server is gone, waits for one in vain: so it is often.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// Who waits for a lock has a connection, which others wait for. In one round trip, and for one transaction only.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '2s'";

tokio::task_local! {
    static AT_PRIMARY: ();
}

/// Whatever `work` reads is read from the primary, while that answers.
pub async fn at_primary<T>(work: impl Future<Output = T>) -> T {
    AT_PRIMARY.scope((), work).await
}

/// The servers that hold ExStrat's data.
pub struct Database {
    primary: Server,
    replica: Option<Server>,
    settings: DatabaseSettings,
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
        let open = |url: &SecretUrl, role| Server::open(url, settings.pool_size, role, timeout);
        let replica = match settings.replica_address().context("DATABASE_REPLICA_URL_FILE")? {
            Some(url) => Some(open(&url, Role::Replica).context("DATABASE_REPLICA_URL")?),
            None => None,
        };
        let primary = settings.primary_address().context("DATABASE_URL_FILE")?;
        let primary = open(&primary, Role::Primary).context("DATABASE_URL")?;
        Ok(Self { primary, replica, settings: settings.clone() })
    }

    /// The primary alone, for an operator's jobs: its statements may take their time.
    pub fn for_operator(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let url = settings.primary_address().context("DATABASE_URL_FILE")?;
        let primary = Server::open(&url, settings.pool_size, Role::Primary, None).context("DATABASE_URL")?;
        Ok(Self { primary, replica: None, settings: settings.clone() })
    }

    /// Where to read: the replica while it answers, else the primary. While that does not answer either, the pool
    /// says so at once.
    pub fn reads(&self) -> &PgPool {
        self.read_server().pool()
    }

    fn read_server(&self) -> &Server {
        let is_at_primary = AT_PRIMARY.try_with(|()| ()).is_ok() && self.primary.answers();
        let replica = self.replica.as_ref().filter(|replica| replica.answers() && !is_at_primary);
        replica.unwrap_or(&self.primary)
    }

    /// Where to write.
    pub fn primary(&self) -> &PgPool {
        self.primary.pool()
    }

    /// Begins a transaction that writes. It waits for what others have locked for at most 2 s.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.primary.pool().begin_with(BEGIN).await
    }

    /// A connection to the primary that belongs to no pool.
    pub async fn connect_to_primary(&self) -> sqlx::Result<PgConnection> {
        self.primary.connect().await
    }

    /// Whether reads go to the replica now.
    pub fn reads_go_to_replica(&self) -> bool {
        self.replica.as_ref().is_some_and(Server::answers)
    }

    /// Resolves when a server that answers now has stopped to.
    pub async fn lost(&self) {
        match &self.replica {
            Some(replica) => tokio::select! {
                () = replica.lost() => {}
                () = self.primary.lost() => {}
            },
            None => self.primary.lost().await,
        }
    }

    /// A read failed for want of a database: whether it may succeed if it is tried again, on a new connection or at
    /// another server. `was_at_replica` says where it went. Asks the servers that are believed to answer, with the
    /// credentials of now; one that does not is left alone from now on.
    pub async fn is_worth_another(&self, error: &sqlx::Error, was_at_replica: bool) -> bool {
        self.reload();
        // What they find they note.
        if self.reads_go_to_replica() {
            let _ = self.check_replica().await;
        }
        if self.primary.answers() {
            let _ = self.check_primary().await;
        }
        let is_elsewhere = was_at_replica && !self.reads_go_to_replica();
        // A pool that is busy, and whose server answers, will be busy again.
        let is_busy = matches!(error, sqlx::Error::PoolTimedOut);
        self.read_server().answers() && (is_elsewhere || !is_busy)
    }

    /// Whether reads can be served: by the replica, or else by the primary.
    pub async fn check(&self) -> sqlx::Result<()> {
        match tokio::join!(self.check_replica(), self.check_primary()) {
            (Some(Ok(())), _) => Ok(()),
            (_, primary) => primary,
        }
    }

    /// Asks the primary; an error says where it is, without the password, and why it does not answer.
    pub async fn reach_primary(&self) -> anyhow::Result<()> {
        self.check_primary().await.with_context(|| self.primary.place())
    }

    /// The same of the replica, if there is one.
    pub async fn reach_replica(&self) -> Option<anyhow::Result<()>> {
        let replica = self.replica.as_ref()?;
        Some(replica.probe().await.with_context(|| replica.place()))
    }

    /// Asks the replica alone, if there is one.
    pub async fn check_replica(&self) -> Option<sqlx::Result<()>> {
        Some(self.replica.as_ref()?.probe().await)
    }

    /// Asks the primary alone.
    pub async fn check_primary(&self) -> sqlx::Result<()> {
        self.primary.probe().await
    }

    /// Makes the connections of the pools whose servers answer, so that no request waits for one to be made. With fewer
    /// than a pool may have it serves, with none it does not: the error is the server's own.
    pub async fn connect(&self) -> sqlx::Result<()> {
        let answering = self.servers().filter(|server| server.answers());
        try_join_all(answering.map(Server::fill)).await.map(drop)
    }

    fn servers(&self) -> impl Iterator<Item = &Server> {
        [&self.primary].into_iter().chain(&self.replica)
    }

    /// Watches the servers, and the files that hold addresses, for ever.
    pub async fn watch(&self) {
        loop {
            self.reload();
            // What they find they note.
            let _ = tokio::join!(self.check_primary(), self.check_replica());
            tokio::time::sleep(WATCH_EVERY).await;
        }
    }

    /// Credentials rotate: new connections use what the files say now. A file that makes no sense changes nothing.
    fn reload(&self) {
        let primary = self.settings.url_file.is_some().then(|| self.settings.primary_address().map(Some));
        let replica = self.settings.replica_url_file.is_some().then(|| self.settings.replica_address());
        let servers = [(primary, Some(&self.primary)), (replica, self.replica.as_ref())];
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
        self.servers().map(|server| (server.name(), server.connections()))
    }

    /// Whether the whole fleet's connections fit the primary; an error says by how much they do not.
    pub async fn room_at_primary(&self) -> anyhow::Result<()> {
        self.primary.room(&self.settings).await
    }

    /// The same of the replica, if there is one and it answers.
    pub async fn room_at_replica(&self) -> Option<anyhow::Result<()>> {
        let replica = self.replica.as_ref().filter(|replica| replica.answers())?;
        Some(replica.room(&self.settings).await)
    }
}
