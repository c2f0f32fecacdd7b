//! One instance: its boot, its process, its end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use balancer::Balancer;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Image, Pids};
use crate::process::{Process, Spec};
use crate::seam::Fact;

/// One instance from launch to end.
pub(super) struct Life {
    pub(super) image: Image,
    pub(super) instance_id: String,
    /// None for an instance that will not start.
    pub(super) starts_at: Option<f64>,
    pub(super) pids: Pids,
    pub(super) balancer: Balancer,
}

impl Life {
    pub(super) async fn live(&self, facts: &mpsc::Sender<Fact>, stop: &CancellationToken) -> Result<()> {
        let Some(starts_at) = self.starts_at else { return Ok(()) };
        let boot = Duration::from_secs_f64((starts_at - unix_now_s()).max(0.0));
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(boot) => {}
        }
        let (mut process, port) = self.start().await?;
        self.note_pid(process.pid());
        let running = Fact::InstanceRunning { instance_id: self.instance_id.clone(), port };
        // The receiver is gone only when everything stops.
        let _ = facts.send(running).await;
        tokio::select! {
            () = stop.cancelled() => process.stop(Duration::from_secs(35)).await,
            status = process.wait() => {
                // Before AWS's state has heard of it, or every request until then would be sent there.
                self.balancer.instance_ended(&self.instance_id);
                tracing::warn!(instance = self.instance_id, "its process ended unasked: {}", status?);
            }
        }
        self.note_pid(None);
        Ok(())
    }

    /// Starts the process on a port that it chooses itself, and waits until it has.
    async fn start(&self) -> Result<(Process, u16)> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let log = self.image.folder.join(format!("{}.log", self.instance_id));
        let spec = Spec::new("api", &self.image.program, &log)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("INSTANCE_ID", &self.instance_id);
        let spec = self.image.env.iter().fold(spec, |spec, (name, value)| spec.env(name, value));
        let mut process = spec.spawn()?;
        let began = tokio::time::Instant::now();
        loop {
            if let Some(port) = announced_port(&log) {
                return Ok((process, port));
            }
            if process.has_ended() || began.elapsed() > PATIENCE {
                bail!("its process does not start; {}", process.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn note_pid(&self, pid: Option<u32>) {
        let mut pids = self.pids.lock().unwrap_or_else(PoisonError::into_inner);
        match pid {
            Some(pid) => pids.insert(self.instance_id.clone(), pid),
            None => pids.remove(&self.instance_id),
        };
    }
}

/// The port in the program's line `listening on http://127.0.0.1:PORT`, once it has written it.
fn announced_port(log: &Path) -> Option<u16> {
    let text = std::fs::read_to_string(log).ok()?;
    let address = text.lines().find_map(|line| line.strip_prefix("listening on http://"))?;
    address.parse::<SocketAddr>().ok().map(|address| address.port())
}

/// Unix time in seconds.
pub(crate) fn unix_now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
