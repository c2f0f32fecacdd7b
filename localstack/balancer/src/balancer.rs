//! The balancer itself: its socket, its routes, its life.

use std::{
    collections::HashSet,
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    fact::Fact,
    lock::lock,
    profile::Profile,
    proxy::{Proxy, Tasks},
    readings::{LoadBalancerReading, Readings},
    routes::{Routes, TableError},
    supervisor,
    table::Table,
};

/// What a balancer keeps for its whole life.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The size of every instance; `None`: as large as its process really is.
    pub profile: Option<Profile>,
    /// Connections from clients beyond this are closed at once and counted as rejected.
    pub connections_max: usize,
    /// How long a new connection to a target may take; a longer one is answered 504.
    pub connect_timeout: Duration,
}

/// A load balancer's listener. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub struct Balancer {
    state: Arc<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    listener: TcpListener,
    pub(crate) settings: Settings,
    facts: mpsc::Sender<Fact>,
    pub(crate) local_addr: SocketAddr,
    pub(crate) routes: watch::Sender<Arc<Routes>>,
    pub(crate) edge: Mutex<LoadBalancerReading>,
    /// Instances whose process has ended, as long as a table names them. Locked while the routes change.
    dead: Mutex<HashSet<String>>,
}

/// A client's connection, counted while it lives.
struct ActiveConnection(Arc<State>);

/// What requests in flight get at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Facts that nobody has read yet; beyond them the health checks wait.
const FACTS_UNREAD_MAX: usize = 1024;

impl Default for Settings {
    fn default() -> Self {
        // A real load balancer's.
        Self { profile: None, connections_max: 20_000, connect_timeout: Duration::from_secs(10) }
    }
}

impl Balancer {
    /// Listens at the address. Until [`update`](Self::update) every request is answered with 503; until
    /// [`serve`](Self::serve) none is answered. Facts about targets come out of the receiver.
    pub async fn bind(addr: SocketAddr, settings: Settings) -> io::Result<(Self, mpsc::Receiver<Fact>)> {
        let listener = TcpListener::bind(addr).await?;
        let (facts, unread) = mpsc::channel(FACTS_UNREAD_MAX);
        let state = State {
            local_addr: listener.local_addr()?,
            listener,
            settings,
            facts,
            routes: watch::Sender::new(Arc::new(Routes::empty())),
            edge: Mutex::default(),
            dead: Mutex::default(),
        };
        Ok((Self { state: Arc::new(state) }, unread))
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.state.local_addr
    }

    /// Routes by this table from now on; requests in flight stay where they are. An equal table costs a comparison.
    /// A table that contradicts itself is refused, and the one before stays in force.
    pub fn update(&self, table: Table) -> Result<(), TableError> {
        self.route_by(table, &mut lock(&self.state.dead))
    }

    /// The instance's process has ended: its targets are unhealthy from now on, whatever a table says, until one no
    /// longer names them. Who learns of it by health checks alone, as a real load balancer does, sends requests into
    /// the void until then, and by fewest outstanding requests most of them.
    pub fn instance_ended(&self, instance_id: &str) {
        let mut dead = lock(&self.state.dead);
        dead.insert(instance_id.to_owned());
        let table = self.state.routes.borrow().table().clone();
        if let Err(error) = self.route_by(table, &mut dead) {
            tracing::error!(%error, "the table in force is refused");
        }
    }

    fn route_by(&self, mut table: Table, dead: &mut HashSet<String>) -> Result<(), TableError> {
        dead.retain(|instance_id| table.targets().any(|target| target.instance_id == *instance_id));
        for target in table.targets_mut().filter(|target| dead.contains(&target.instance_id)) {
            target.end();
        }
        let routes = self.state.routes.borrow().clone();
        if !routes.is_of(&table) {
            self.state.routes.send_replace(Arc::new(routes.next(table, self.state.settings.profile)?));
        }
        Ok(())
    }

    /// The readings since the last call. The counters of a target group that leaves the table go with it.
    pub fn take_period(&self) -> Readings {
        let routes = self.state.routes.borrow().clone();
        Readings {
            load_balancer: take_edge(&mut lock(&self.state.edge)),
            target_groups: routes.groups().iter().map(|group| group.take_reading()).collect(),
            instances: routes.take_instance_readings(),
        }
    }

    /// Serves, checks health and drains until the shutdown; requests in flight then get a few seconds to finish.
    /// When it returns, none of its tasks is left. To be called once.
    pub async fn serve(&self, shutdown: CancellationToken) {
        let tasks = Tasks { tracker: TaskTracker::new(), stop: shutdown.child_token() };
        let proxy = Arc::new(Proxy::new(self.state.clone(), tasks.clone()));
        tokio::select! {
            () = tasks.stop.cancelled() => {}
            () = accept(&proxy) => {}
            () = supervisor::supervise(self.state.routes.subscribe(), &self.state.facts, &tasks) => {}
        }
        drop(proxy);
        tasks.tracker.close();
        tasks.tracker.wait().await;
    }
}

async fn accept(proxy: &Arc<Proxy>) {
    loop {
        match proxy.state.listener.accept().await {
            Ok((stream, client)) => admit(proxy, stream, client),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn admit(proxy: &Arc<Proxy>, stream: TcpStream, client: SocketAddr) {
    if let Some(active) = ActiveConnection::open(&proxy.state) {
        proxy.tasks.tracker.spawn(serve_connection(proxy.clone(), stream, client, active));
    }
}

async fn serve_connection(
    proxy: Arc<Proxy>,
    stream: TcpStream,
    client: SocketAddr,
    _active: ActiveConnection,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let idle_timeout = proxy.state.routes.borrow().idle_timeout();
    let stop = proxy.tasks.stop.clone();
    let service = service_fn(move |request| {
        let proxy = proxy.clone();
        async move { Ok::<_, Infallible>(proxy.handle(client, request).await) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(idle_timeout);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let end = tokio::select! {
        end = connection.as_mut() => end,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            timeout(SHUTDOWN_GRACE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = end {
        tracing::debug!(error = &error as &dyn std::error::Error, %client, "a client's connection broke off");
    }
}

impl ActiveConnection {
    /// `None` when the maximum is reached.
    fn open(state: &Arc<State>) -> Option<Self> {
        let mut edge = lock(&state.edge);
        if edge.active_connections >= state.settings.connections_max {
            edge.rejected_connections += 1;
            return None;
        }
        edge.new_connections += 1;
        edge.active_connections += 1;
        Some(Self(state.clone()))
    }
}

impl Drop for ActiveConnection {
    fn drop(&mut self) {
        lock(&self.0.edge).active_connections -= 1;
    }
}

fn take_edge(edge: &mut LoadBalancerReading) -> LoadBalancerReading {
    let next = LoadBalancerReading { active_connections: edge.active_connections, ..Default::default() };
    std::mem::replace(edge, next)
}
