//! The whole of it on one machine: LocalStack, PostgreSQL, Redis, the load balancer, the group's processes, and the
//! controller. The same for a newcomer who watches and for the tests that drive it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws::Clients;
use balancer::Profile;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clients;
use crate::controller::{Controller, Mode, Pace, Program};
use crate::data_plane::{Beginning, DataPlane};
use crate::fleet_count::FleetCount;
use crate::foundation::Foundation;
use crate::host::Boot;
use crate::provision::{Provisioned, Steps};
use crate::publisher::Published;
use crate::rebuild::Rebuilder;
use crate::seam::{Instance, Seam};
use crate::stack::{Size, Stack};

/// What to start.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Names the run's folder and, on a shared LocalStack, everything that is created.
    pub name: String,
    /// A LocalStack that runs already, with our extension.
    pub endpoint: Option<String>,
    /// Of the group.
    pub size: Size,
    /// How long instances take to start.
    pub boot: Boot,
    /// How large instances are made to be; none leaves them as large as their share of this machine.
    pub profile: Option<Profile>,
    /// Users in the database.
    pub users: u32,
    /// How the controller runs.
    pub mode: Mode,
    /// The controller's strategy, by its name in the configuration; its own default otherwise.
    pub strategy: Option<String>,
    /// How fast the controller and its metrics are.
    pub pace: Pace,
    /// Of every random draw.
    pub seed: u64,
}

/// A running local cloud.
#[derive(Debug)]
pub struct LocalCloud {
    folder: PathBuf,
    /// Whether it uses a `LocalStack` that somebody else runs.
    is_guest: bool,
    clients: Clients,
    stack: watch::Receiver<Stack>,
    foundation: Foundation,
    data_plane: DataPlane,
    controller: Arc<Mutex<Option<Controller>>>,
    rebuilding: (TaskTracker, CancellationToken),
}

impl LocalCloud {
    /// Starts everything, and returns once the group's instances serve.
    ///
    /// # Errors
    /// Whatever does not start, with the end of its log.
    pub async fn start(provisioned: &Provisioned, setup: &Setup, steps: &Steps) -> Result<Self> {
        let folder = provisioned.run_folder(&setup.name)?;
        let foundation = Foundation::start(provisioned, setup, &folder, steps).await?;
        let step = steps.begin("Fleet");
        let cloud = Self::on(foundation, provisioned, setup, folder).await?;
        let serving = |fleet: FleetCount| fleet.in_service >= setup.size.desired;
        if let Err(error) = cloud.until(Duration::from_mins(2), serving).await {
            let logs = cloud.folder.display().to_string();
            cloud.stop().await;
            return Err(error.context(format!("the first instances do not serve; their logs are in {logs}")));
        }
        step.done(&format!("has {} instances behind {}", setup.size.desired, cloud.url()));
        Ok(cloud)
    }

    async fn on(
        foundation: Foundation,
        provisioned: &Provisioned,
        setup: &Setup,
        folder: PathBuf,
    ) -> Result<Self> {
        let endpoint = foundation.cloud.endpoint().to_owned();
        let (clients, seam) = (clients::at(&endpoint).await, Seam::new(&endpoint));
        let snapshot = seam.snapshot().await?;
        let name = stack_name(setup);
        let made = Stack::create(&clients, &snapshot.network, &name, setup.size).await?;
        let controller = start_controller(provisioned, setup, &folder, &endpoint, &made).await?;
        let controller = Arc::new(Mutex::new(controller));
        let (stack_changes, stack) = watch::channel(made);
        let beginning = Beginning {
            seam: seam.clone(),
            snapshot,
            stack: stack.clone(),
            clients: clients.clone(),
            image: foundation.image.clone(),
        };
        let data_plane = DataPlane::start(beginning, setup).await?;
        let rebuilder = Rebuilder {
            generation: foundation.cloud.generation(),
            clients: clients.clone(),
            seam,
            name,
            size: setup.size,
            stack: stack_changes,
            controller: Arc::clone(&controller),
        };
        let rebuilding = (TaskTracker::new(), CancellationToken::new());
        rebuilding.0.spawn(rebuilder.run(rebuilding.1.clone()));
        rebuilding.0.close();
        let is_guest = setup.endpoint.is_some();
        Ok(Self { folder, is_guest, clients, stack, foundation, data_plane, controller, rebuilding })
    }

    /// The load balancer's address, where the users go.
    pub fn url(&self) -> String {
        format!("http://{}", self.data_plane.address())
    }

    /// `LocalStack`'s address, for the AWS command line and SDKs.
    pub fn endpoint(&self) -> &str {
        self.foundation.cloud.endpoint()
    }

    /// This run's folder: logs, the controller's configuration and journal, the users' tokens.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The users' tokens, as `traffic` reads them.
    pub fn tokens(&self) -> PathBuf {
        self.folder.join("users.tsv")
    }

    /// AWS clients for this `LocalStack`.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The names of what was created.
    pub fn stack(&self) -> Stack {
        self.stack.borrow().clone()
    }

    /// The group's instances as they are now.
    pub fn instances(&self) -> Vec<Instance> {
        self.data_plane.snapshot().borrow().instances_of(&self.stack.borrow().group).cloned().collect()
    }

    /// How many there are, and are to be.
    pub fn fleet(&self) -> FleetCount {
        FleetCount::of(&self.data_plane.snapshot().borrow(), &self.stack.borrow().group)
    }

    /// Waits until the fleet is as wished.
    ///
    /// # Errors
    /// It was not within `patience`.
    pub async fn until(&self, patience: Duration, wished: impl Fn(FleetCount) -> bool) -> Result<FleetCount> {
        let mut snapshot = self.data_plane.snapshot();
        let wait = async {
            loop {
                let fleet = self.fleet();
                if wished(fleet) {
                    return fleet;
                }
                if snapshot.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let waited = tokio::time::timeout(patience, wait).await;
        waited.with_context(|| format!("after {} s the fleet was {:?}", patience.as_secs(), self.fleet()))
    }

    /// Which period's metrics were in CloudWatch when.
    pub fn published(&self) -> Vec<Published> {
        self.data_plane.published()
    }

    /// The process of an instance.
    pub fn instance_pid(&self, instance_id: &str) -> Option<u32> {
        self.data_plane.pid(instance_id)
    }

    /// `LocalStack`'s process, while it runs and is ours.
    pub fn localstack_pid(&self) -> Option<u32> {
        self.foundation.cloud.pid()
    }

    /// The controller's process, while it runs.
    pub fn controller_pid(&self) -> Option<u32> {
        self.controller.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.pid()
    }

    /// The controller's HTTP address, if there is a controller.
    pub fn controller_url(&self) -> Option<String> {
        Some(self.controller.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.url())
    }

    /// What the controller says of itself.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    pub async fn controller_state(&self) -> Result<serde_json::Value> {
        let Some(url) = self.controller_url() else { bail!("this cloud has no controller") };
        Controller::state_at(&url).await
    }

    /// Stops everything in order: the controller, what a guest made in somebody else's LocalStack, the instances, the load balancer, then the servers.
    pub async fn stop(self) {
        let controller = self.controller.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(controller) = controller {
            controller.stop().await;
        }
        self.rebuilding.1.cancel();
        self.rebuilding.0.wait().await;
        if self.is_guest
            && let Err(error) = self.leave().await
        {
            tracing::warn!("some of {} stays in {}: {error:#}", self.stack().group, self.endpoint());
        }
        self.data_plane.stop().await;
        self.foundation.stop().await;
    }
}

/// A shared `LocalStack` may hold somebody else's group of the same name.
fn stack_name(setup: &Setup) -> String {
    match setup.endpoint {
        Some(_) => format!("{}-{}", setup.name, std::process::id()),
        None => setup.name.clone(),
    }
}

async fn start_controller(
    provisioned: &Provisioned,
    setup: &Setup,
    folder: &Path,
    endpoint: &str,
    stack: &Stack,
) -> Result<Option<Controller>> {
    if setup.mode == Mode::Absent {
        return Ok(None);
    }
    let program = Program {
        executable: provisioned.programs.controller.clone(),
        folder: folder.to_owned(),
        endpoint: endpoint.to_owned(),
        mode: setup.mode,
        strategy: setup.strategy.clone(),
        pace: setup.pace,
    };
    Controller::start(program, stack).await.map(Some)
}
