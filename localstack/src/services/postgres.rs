//! A private PostgreSQL: a primary, or a replica that streams from one.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::process::Command;

use super::server::Readiness;
use super::unprivileged::Unprivileged;
use super::{Server, free_port};
use crate::process::Spec;
use crate::provision::Servers;

/// Twenty instances with four connections each, and room for tests and people.
const MAX_CONNECTIONS: u32 = 200;
const USER: &str = "exstrat";

/// A running PostgreSQL whose data lives as long as its run's folder.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    data: PathBuf,
}

impl Postgres {
    /// Creates a cluster under `folder` and starts it.
    pub async fn start(servers: &Servers, folder: &Path) -> Result<Self> {
        let data = folder.join("postgres");
        let user = Unprivileged::find(servers).await?;
        user.own(&data)?;
        let mut initdb = user.command(&servers.postgres_bin.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", USER, "--auth=trust"]);
        succeed(initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C"])).await?;
        Self::serve(servers, user, data, folder.join("postgres.log")).await
    }

    /// Copies this primary into `folder` and starts a server that follows it: a hot standby, by streaming replication.
    ///
    /// # Errors
    /// Where PostgreSQL was installed without `pg_basebackup`.
    pub async fn start_replica(&self, servers: &Servers, folder: &Path) -> Result<Self> {
        let data = folder.join("replica");
        let user = Unprivileged::find(servers).await?;
        user.own(&data)?;
        // PostgreSQL starts in no folder that others may read.
        std::fs::set_permissions(&data, Permissions::from_mode(0o700))?;
        let mut copy = user.command(&servers.postgres_bin.join("pg_basebackup"));
        copy.arg("-D").arg(&data).args(["-d", &self.url("postgres"), "--write-recovery-conf"]);
        succeed(copy.args(["--checkpoint=fast", "--no-sync"])).await?;
        Self::serve(servers, user, data, folder.join("replica.log")).await
    }

    async fn serve(servers: &Servers, user: Unprivileged, data: PathBuf, log: PathBuf) -> Result<Self> {
        let port = free_port()?;
        let spec = Spec::new("PostgreSQL", servers.postgres_bin.join("postgres"), &log)
            .arg("-D")
            .arg(&data)
            .args(["-p".to_owned(), port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            // The data is made anew each time, so nothing is lost with it.
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
            .args(["-c".to_owned(), format!("max_connections={MAX_CONNECTIONS}")])
            .inside(user.wrapper())
            // SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for its clients.
            .stop_with(Signal::SIGINT);
        let readiness = Readiness::PgIsReady(servers.postgres_bin.join("pg_isready"));
        Ok(Self { server: Server::start("PostgreSQL", spec, port, readiness).await?, data })
    }

    /// The URL of a database on it.
    pub fn url(&self, database: &str) -> String {
        self.url_as(USER, database)
    }

    /// The same as another role.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.server.port())
    }

    /// Its process, to be struck down and started again.
    pub fn server(&mut self) -> &mut Server {
        &mut self.server
    }

    /// Stops it and deletes its data, tens of megabytes that nobody asks for again.
    pub async fn stop(self) {
        self.server.stop().await;
        if let Err(error) = tokio::fs::remove_dir_all(&self.data).await {
            tracing::warn!("PostgreSQL's data stays in {}: {error}", self.data.display());
        }
    }
}

async fn succeed(command: &mut Command) -> Result<()> {
    let output =
        command.kill_on_drop(true).output().await.context("a program of PostgreSQL's does not start")?;
    if !output.status.success() {
        let words: Vec<_> = command.as_std().get_args().map(|word| word.to_string_lossy()).collect();
        bail!("{} failed:\n{}", words.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
