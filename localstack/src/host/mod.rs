//! The machine that all "EC2 instances" live on: one real process for each instance of the group, started when the
//! group launches it, stopped when the group has drained it.

mod boot;
mod life;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use balancer::Balancer;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use boot::Boot;
pub(crate) use life::unix_now_s;

use crate::seam::{Fact, Instance, LifecycleState, Snapshot};
use life::Life;

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
