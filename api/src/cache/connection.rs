//! How a connection to Redis is made: to one node, or to a cluster's.

use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisFuture, RedisResult, Value};

/// How long making a connection may take, name resolution and TLS included.
const DIAL_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a command may be sent on: to the node that has the slot now, or once more to one that has just taken it.
const REDIRECTIONS: u32 = 3;

#[derive(Clone)]
pub(super) enum Server {
    Node(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// To one node, or to a cluster's nodes; many requests share it.
#[derive(Clone)]
pub(super) enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
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
    pub(super) fn at(url: &str, is_cluster: bool) -> RedisResult<Self> {
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

    pub(super) async fn dial(&self) -> Result<Connection, String> {
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
