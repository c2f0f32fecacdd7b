//! The machine that all "EC2 instances" live on: one real process for each instance of the group, started when the
//! group launches it, stopped when the group has drained it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use balancer::Balancer;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, LogNormal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::process::{Process, Spec};
use crate::seam::{Fact, Instance, LifecycleState, Snapshot};

/// How long an instance takes from launch until its process starts: lognormal, as EC2's boots are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boot {
    /// Half of all boots are shorter, in seconds.
    pub median_s: f64,
    /// Nine of ten are shorter, in seconds.
    pub p90_s: f64,
}

impl Boot {
    /// The benchmark's: a real instance that boots from a plain image.
    pub const EC2: Self = Self { median_s: 150.0, p90_s: 240.0 };
    /// For a person who watches.
    pub const QUICK: Self = Self { median_s: 4.0, p90_s: 6.0 };

    fn draw_s(&self, rng: &mut StdRng) -> f64 {
        // The 90 % quantile of a lognormal is the median times e to the 1.2816 sigma.
        const Z90: f64 = 1.281_551_6;
        let sigma = (self.p90_s / self.median_s).ln().max(0.0) / Z90;
        LogNormal::new(self.median_s.ln(), sigma).map_or(self.median_s, |lognormal| lognormal.sample(rng))
    }
}

/// What every instance runs.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// The `api` program.
    pub(crate) program: PathBuf,
    /// Its configuration.
    pub(crate) env: Vec<(String, String)>,
    /// Where its logs go.
    pub(crate) folder: PathBuf,
}

/// The processes, by instance.
#[derive(Debug)]
pub(crate) struct Host {
    image: Image,
    boot: Boot,
    rng: StdRng,
    facts: mpsc::Sender<Fact>,
    balancer: Balancer,
    machines: HashMap<String, CancellationToken>,
    pids: Pids,
    tasks: TaskTracker,
}

/// The running processes' ids, by instance.
pub(crate) type Pids = Arc<Mutex<HashMap<String, u32>>>;

impl Host {
    pub(crate) fn new(
        image: Image,
        boot: Boot,
        seed: u64,
        facts: mpsc::Sender<Fact>,
        balancer: Balancer,
    ) -> Self {
        Self {
            image,
            boot,
            rng: StdRng::seed_from_u64(seed),
            facts,
            balancer,
            machines: HashMap::new(),
            pids: Pids::default(),
            tasks: TaskTracker::new(),
        }
    }

    pub(crate) fn pids(&self) -> Pids {
        Arc::clone(&self.pids)
    }

    /// Starts what was launched, stops what was drained, and forgets what is gone.
    pub(crate) fn follow(&mut self, snapshot: &Snapshot, group: &str) {
        let ours = || snapshot.instances_of(group);
        self.machines.retain(|id, machine| {
            let stays = ours().any(|instance| instance.instance_id == *id && !instance.drained);
            if !stays {
                machine.cancel();
            }
            stays || ours().any(|instance| instance.instance_id == *id)
        });
        for instance in ours()
            .filter(|instance| !self.machines.contains_key(&instance.instance_id))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.launch(&instance);
        }
    }

    fn launch(&mut self, instance: &Instance) {
        let stop = CancellationToken::new();
        self.machines.insert(instance.instance_id.clone(), stop.clone());
        // One that is on its way out without ever having run, or that ran under a host that is no more.
        let is_lost = instance.lifecycle_state != LifecycleState::Pending || instance.port.is_some();
        let life = Life {
            image: self.image.clone(),
            instance_id: instance.instance_id.clone(),
            starts_at: (!is_lost).then(|| instance.launched_at + self.boot.draw_s(&mut self.rng)),
            pids: self.pids(),
            balancer: self.balancer.clone(),
        };
        let facts = self.facts.clone();
        self.tasks.spawn(async move {
            if let Err(error) = life.live(&facts, &stop).await {
                tracing::error!("instance {}: {error:#}", life.instance_id);
            }
            // The receiver is gone only when everything stops.
            let _ = facts.send(Fact::InstanceExited { instance_id: life.instance_id }).await;
        });
    }

    /// Stops every process.
    pub(crate) async fn stop(self) {
        for machine in self.machines.values() {
            machine.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// One instance from launch to end.
struct Life {
    image: Image,
    instance_id: String,
    /// None for an instance that will not start.
    starts_at: Option<f64>,
    pids: Pids,
    balancer: Balancer,
}

impl Life {
    async fn live(&self, facts: &mpsc::Sender<Fact>, stop: &CancellationToken) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boots_have_the_median_and_the_quantile_that_were_asked_for() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut boots_s: Vec<f64> = (0..4000).map(|_| Boot::EC2.draw_s(&mut rng)).collect();
        boots_s.sort_by(f64::total_cmp);
        assert!((boots_s[2000] - 150.0).abs() < 5.0, "{}", boots_s[2000]);
        assert!((boots_s[3600] - 240.0).abs() < 10.0, "{}", boots_s[3600]);
    }
}
