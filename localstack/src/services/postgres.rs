//! A private PostgreSQL.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use tokio::net::TcpStream;

use super::unprivileged::Unprivileged;
use super::{free_port, until_ready};
use crate::process::{Process, Spec};
use crate::provision::Servers;

/// Twenty instances with four connections each, and room for tests and people.
const MAX_CONNECTIONS: u32 = 200;
const USER: &str = "exstrat";

/// A running PostgreSQL whose data lives as long as its run's folder.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    port: u16,
    data: PathBuf,
}

impl Postgres {
    /// Creates a cluster under `folder` and starts it.
    pub async fn start(servers: &Servers, folder: &Path) -> Result<Self> {
        let data = folder.join("postgres");
        let user = Unprivileged::find(servers).await?;
        user.own(&data)?;
        create_cluster(servers, user, &data).await?;
        let port = free_port()?;
        let spec =
            Spec::new("PostgreSQL", servers.postgres_bin.join("postgres"), &folder.join("postgres.log"))
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
        let mut process = spec.spawn()?;
        let ready = || async { TcpStream::connect(("127.0.0.1", port)).await.is_ok() };
        until_ready(&mut process, "PostgreSQL", Duration::from_secs(30), ready).await?;
        Ok(Self { process, port, data })
    }

    /// The URL of a database on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Stops it and deletes its data, tens of megabytes that nobody asks for again.
    pub async fn stop(self) {
        self.process.stop(Duration::from_secs(10)).await;
        if let Err(error) = tokio::fs::remove_dir_all(&self.data).await {
            tracing::warn!("PostgreSQL's data stays in {}: {error}", self.data.display());
        }
    }
}

async fn create_cluster(servers: &Servers, user: Unprivileged, data: &Path) -> Result<()> {
    let mut command = user.command(&servers.postgres_bin.join("initdb"));
    command.arg("-D").arg(data).args(["-U", USER, "--auth=trust"]);
    command.args(["--no-sync", "--encoding=UTF8", "--locale=C"]);
    let output = command.kill_on_drop(true).output().await?;
    if !output.status.success() {
        bail!("initdb failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
