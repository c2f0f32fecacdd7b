//! A server process on a port of its own, which can be struck down and started again: tests of failures do both.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::TcpStream;

use super::until_ready;
use crate::process::{self, Process, Spec};

/// A running server.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    spec: Spec,
    process: Process,
    port: u16,
    readiness: Readiness,
}

/// What says that a server is ready.
#[derive(Clone, Debug)]
pub(super) enum Readiness {
    /// It accepts connections.
    Accepts,
    /// `pg_isready`, which is here: while PostgreSQL starts up it accepts connections, and ends them.
    PgIsReady(PathBuf),
}

/// How long a server may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(30);

impl Server {
    /// Starts it and waits until it accepts connections on the port, which the command must name too.
    pub(super) async fn start(
        name: &'static str,
        spec: Spec,
        port: u16,
        readiness: Readiness,
    ) -> Result<Self> {
        let process = spec.spawn()?;
        let mut server = Self { name, spec, process, port, readiness };
        server.until_ready().await?;
        Ok(server)
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Sends it a signal, and to the processes that it has started, whose groups are their own in PostgreSQL's case.
    pub fn signal_all(&self, signal: Signal) {
        self.signal(signal);
        let pid = self.process.pid().unwrap_or_default();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        for child in children.unwrap_or_default().split_whitespace().filter_map(|pid| pid.parse().ok()) {
            // One that has ended in the meantime needs none.
            let _ = kill(Pid::from_raw(child), signal);
        }
    }

    /// Ends it by this signal; what it wrote to disk stays.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn end(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal);
        self.process.wait().await.map(drop)
    }

    /// Starts it again after [`end`](Self::end), on the same port, and waits until it accepts connections.
    ///
    /// # Errors
    /// It ends while it starts, or takes longer than 30 s.
    pub async fn resume(&mut self) -> Result<()> {
        self.process = self.spec.spawn()?;
        self.until_ready().await
    }

    /// Asks it to stop, and kills it when it does not.
    pub(super) async fn stop(self) {
        self.process.stop(Duration::from_secs(10)).await;
    }

    async fn until_ready(&mut self) -> Result<()> {
        let (port, readiness) = (self.port, self.readiness.clone());
        let ready = || async {
            match &readiness {
                Readiness::Accepts => TcpStream::connect(("127.0.0.1", port)).await.is_ok(),
                Readiness::PgIsReady(program) => pg_is_ready(program, port).await,
            }
        };
        until_ready(&mut self.process, self.name, PATIENCE, ready).await
    }
}

async fn pg_is_ready(program: &Path, port: u16) -> bool {
    let mut command = process::command(program);
    command.args(["--quiet", "--host=127.0.0.1", "--port", &port.to_string()]).kill_on_drop(true);
    command.status().await.is_ok_and(|status| status.success())
}
