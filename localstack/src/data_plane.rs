//! What keeps AWS's state and the processes in step: snapshots in, facts out, metrics each period.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use aws::Clients;
use balancer::Balancer;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::{Host, Image, Pids};
use crate::local_cloud::Setup;
use crate::publisher::{Published, Publisher};
use crate::report::report;
use crate::seam::{Seam, Snapshot};
use crate::stack::Stack;
use crate::table;

const POLL: Duration = Duration::from_millis(200);

/// What it begins with.
pub(crate) struct Beginning {
    pub(crate) seam: Seam,
    pub(crate) snapshot: Snapshot,
    pub(crate) stack: watch::Receiver<Stack>,
    pub(crate) clients: Clients,
    pub(crate) image: Image,
}

/// The load balancer, the instances' processes and the metrics.
#[derive(Debug)]
pub(crate) struct DataPlane {
    address: SocketAddr,
    snapshot: watch::Receiver<Snapshot>,
    pids: Pids,
    published: Arc<Mutex<Vec<Published>>>,
    /// Who acts on decisions, and after them who answers and reports: instances drain through the balancer.
    acting: Stage,
    serving: Stage,
}

/// Tasks that are stopped together.
#[derive(Debug, Default)]
struct Stage {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Stage {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl DataPlane {
    /// Starts it on a free port.
    pub(crate) async fn start(beginning: Beginning, setup: &Setup) -> Result<Self> {
        let Beginning { seam, snapshot, stack, clients, image } = beginning;
        let settings = balancer::Settings { profile: setup.profile, ..balancer::Settings::default() };
        let (balancer, of_balancer) =
            Balancer::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings).await?;
        let (facts, of_host) = mpsc::channel(256);
        let host = Host::new(image, setup.boot, setup.seed, facts, balancer.clone());
        let (latest, snapshot) = watch::channel(snapshot);
        let (address, pids, published) = (balancer.local_addr(), host.pids(), Arc::default());
        let publishing = Publisher {
            clients,
            stack: stack.clone(),
            balancer: balancer.clone(),
            pids: Arc::clone(&pids),
            period: setup.pace.period,
            published: Arc::clone(&published),
        };
        let (acting, serving) = (Stage::default(), Stage::default());
        serving.spawn(report(seam.clone(), of_host, of_balancer, serving.stop.clone()));
        serving.spawn(serve(balancer.clone(), serving.stop.clone()));
        acting.spawn(follow(seam, stack, balancer, host, latest, acting.stop.clone()));
        acting.spawn(publishing.run(acting.stop.clone()));
        Ok(Self { address, snapshot, pids, published, acting, serving })
    }

    /// Where the load balancer listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// AWS's state, as last seen.
    pub(crate) fn snapshot(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.clone()
    }

    /// The periods that were published.
    pub(crate) fn published(&self) -> Vec<Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The process of an instance.
    pub(crate) fn pid(&self, instance_id: &str) -> Option<u32> {
        self.pids.lock().unwrap_or_else(PoisonError::into_inner).get(instance_id).copied()
    }

    /// Stops the instances, then the load balancer.
    pub(crate) async fn stop(self) {
        self.acting.stop().await;
        self.serving.stop().await;
    }
}

async fn serve(balancer: Balancer, stop: CancellationToken) {
    balancer.serve(stop).await;
}

/// Applies each snapshot to the balancer and the host, and hands it on.
async fn follow(
    seam: Seam,
    stack: watch::Receiver<Stack>,
    balancer: Balancer,
    mut host: Host,
    latest: watch::Sender<Snapshot>,
    stop: CancellationToken,
) {
    let mut failing = false;
    while stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_some() {
        let stack = stack.borrow().clone();
        let applied = apply(&seam, &stack, &balancer, &mut host, &latest).await;
        if let (Err(error), false) = (&applied, failing) {
            tracing::error!("the fleet cannot be followed: {error:#}");
        }
        failing = applied.is_err();
    }
    host.stop().await;
}

async fn apply(
    seam: &Seam,
    stack: &Stack,
    balancer: &Balancer,
    host: &mut Host,
    latest: &watch::Sender<Snapshot>,
) -> Result<()> {
    let snapshot = seam.snapshot().await?;
    if let Some(table) = table::of(&snapshot, &stack.load_balancer)? {
        balancer.update(table)?;
    }
    host.follow(&snapshot, &stack.group);
    latest.send_replace(snapshot);
    Ok(())
}
