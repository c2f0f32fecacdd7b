//! The connection to Redis, and what is known about it. Requests never wait for a connection to be made:
//! while there is none they go past the cache, and one task at a time dials.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisFuture, RedisResult, Value};
use tokio::time::Instant;

/// How long making a connection may take, name resolution and TLS included.
const DIAL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a Redis that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a command may be sent on: to the node that has the slot now, or once more to one that has just taken it.
const REDIRECTIONS: u32 = 3;

/// One connection that comes back.
pub(super) struct Link {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
enum Server {
    Node(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// To one node, or to a cluster's nodes; many requests share it.
#[derive(Clone)]
pub(super) enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

enum State {
    Up(Connection),
    Down { retry_at: Instant },
    Dialling,
}

impl Link {
    /// Dials once; whether that worked shows in [`Link::connection`].
    pub(super) async fn open(url: &str, is_cluster: bool) -> RedisResult<Self> {
        let server = Server::at(url, is_cluster)?;
        let state = match server.dial().await {
            Ok(connection) => State::Up(connection),
            Err(error) => {
                tracing::warn!(error, "redis does not answer: requests go to the database");
                State::Down { retry_at: Instant::now() + PAUSE }
            }
        };
        Ok(Self { server, state: Arc::new(Mutex::new(state)) })
    }

    /// The connection, if there is one now; if not, and it is time, dialling begins.
    pub(super) fn connection(&self) -> Option<Connection> {
        let mut state = lock(&self.state);
        match &*state {
            State::Up(connection) => Some(connection.clone()),
            State::Dialling => None,
            State::Down { retry_at } if Instant::now() < *retry_at => None,
            State::Down { .. } => {
                *state = State::Dialling;
                tokio::spawn(redial(self.server.clone(), Arc::clone(&self.state)));
                None
            }
        }
    }

    /// Gives up the connection after a failure. Many requests may see the same failure; the first says so.
    pub(super) fn lost<T>(&self, error: &str) -> Option<T> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Up(_)) {
            *state = State::Down { retry_at: Instant::now() + PAUSE };
            tracing::warn!(error, "redis does not answer: requests go to the database");
        }
        None
    }
}

async fn redial(server: Server, state: Arc<Mutex<State>>) {
    let next = match server.dial().await {
        Ok(connection) => {
            tracing::info!("redis answers again");
            State::Up(connection)
        }
        Err(_still_down) => State::Down { retry_at: Instant::now() + PAUSE },
    };
    *lock(&state) = next;
}

/// Dials once and says what came of it.
pub(super) async fn reach(url: &str, is_cluster: bool) -> Result<(), String> {
    Server::at(url, is_cluster).map_err(|error| error.to_string())?.dial().await.map(drop)
}

/// Of a cluster several may be named, with commas between: while one of them answers, the others are found.
pub(super) fn addresses(url: &str) -> impl Iterator<Item = &str> {
    url.split(',').map(str::trim)
}

/// Where they are, as an operator may read it.
pub(super) fn places(url: &str) -> String {
    let place = |url| Some(Client::open(url).ok()?.get_connection_info().addr().to_string());
    addresses(url).filter_map(place).collect::<Vec<_>>().join(", ")
}

impl Server {
    fn at(url: &str, is_cluster: bool) -> RedisResult<Self> {
        if !is_cluster {
            return Ok(Self::Node(Box::new(Client::open(url)?)));
        }
        // The client's own pauses between attempts are seconds; nobody would be there any more when they end.
        let client = ClusterClient::builder(addresses(url))
            .connection_timeout(DIAL_TIMEOUT)
            .retries(REDIRECTIONS)
            .min_retry_wait(1)
            .max_retry_wait(10);
        Ok(Self::Cluster(Box::new(client.build()?)))
    }

    async fn dial(&self) -> Result<Connection, String> {
        // The client's own limits (an answer within half a second, for one) would hide ours.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let dial = async {
            RedisResult::Ok(match self {
                Self::Node(client) => {
                    Connection::Node(client.get_multiplexed_async_connection_with_config(&config).await?)
                }
                Self::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
            })
        };
        match tokio::time::timeout(DIAL_TIMEOUT, dial).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no connection within 1 s".to_owned()),
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Node(node) => node.req_packed_command(command),
            Self::Cluster(cluster) => cluster.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Node(node) => node.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Node(node) => node.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

/// A panic while the lock was held cannot have left the state half written.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
