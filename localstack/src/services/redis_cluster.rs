//! A private Redis Cluster, in memory only: three masters that share the slots, and a replica for the first.

use std::fmt::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::Readiness;
use super::{Server, free_port};
use crate::process::Spec;
use crate::provision::Servers;

const SLOTS: u32 = 16_384;
const MASTERS: usize = 3;
/// Nodes talk to each other on a port that is so much higher; Redis 6 cannot be told another.
const BUS: u16 = 10_000;
/// How long a node is silent before the others take it for dead, in milliseconds.
const NODE_TIMEOUT_MS: u32 = 1_000;
/// Until every node says that the cluster stands.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running cluster.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Server>,
}

impl RedisCluster {
    /// Starts it, and waits until it takes commands.
    ///
    /// # Errors
    /// A node does not start, or they do not find each other.
    pub async fn start(servers: &Servers, folder: &Path) -> Result<Self> {
        let ports = (0..=MASTERS).map(|_| free_pair()).collect::<Result<Vec<_>>>()?;
        let mut nodes = Vec::new();
        for (index, port) in ports.iter().enumerate() {
            let folder = folder.join(format!("redis-{index}"));
            std::fs::create_dir_all(&folder)?;
            // What a node knows of the others it reads from here, so nobody has to introduce them.
            std::fs::write(folder.join("nodes.conf"), members(&ports, index))?;
            nodes.push(
                Server::start("Redis", spec(servers, &folder, *port), *port, Readiness::Accepts).await?,
            );
        }
        let cluster = Self { nodes };
        cluster.stands().await?;
        Ok(cluster)
    }

    /// The URLs of the masters, with commas between.
    pub fn url(&self) -> String {
        let urls = self.nodes[..MASTERS].iter().map(|node| format!("redis://127.0.0.1:{}", node.port()));
        urls.collect::<Vec<_>>().join(",")
    }

    /// The master that has a replica.
    pub fn first(&mut self) -> &mut Server {
        &mut self.nodes[0]
    }

    /// Stops it.
    pub async fn stop(self) {
        futures::future::join_all(self.nodes.into_iter().map(Server::stop)).await;
    }

    async fn stands(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        for node in &self.nodes {
            while !says_ok(node.port()).await.unwrap_or(false) {
                ensure!(Instant::now() < deadline, "the Redis Cluster did not come to stand within 30 s");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }
}

fn spec(servers: &Servers, folder: &Path, port: u16) -> Spec {
    Spec::new("Redis", &servers.redis_server, &folder.join("redis.log"))
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory", "64mb"])
        .args(["--maxmemory-policy", "allkeys-lru", "--cluster-enabled", "yes"])
        // The slots of a node that is gone are gone; the others serve theirs.
        .args(["--cluster-require-full-coverage", "no"])
        .args(["--cluster-node-timeout".to_owned(), NODE_TIMEOUT_MS.to_string()])
        .args(["--port".to_owned(), port.to_string()])
        .arg("--dir")
        .arg(folder)
}

/// The cluster as its `myself` knows it, in the form of a node's own file.
fn members(ports: &[u16], myself: usize) -> String {
    let mut text = String::new();
    for (index, port) in ports.iter().enumerate() {
        let me = if index == myself { "myself," } else { "" };
        let bus = port + BUS;
        let epoch = index % MASTERS + 1;
        let rest = if index < MASTERS {
            let (first, end) = (slot(index), slot(index + 1));
            format!("{me}master - 0 0 {epoch} connected {first}-{}", end - 1)
        } else {
            format!("{me}slave {} 0 0 {epoch} connected", id(0))
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{} 127.0.0.1:{port}@{bus} {rest}", id(index));
    }
    text + &format!("vars currentEpoch {MASTERS} lastVoteEpoch 0\n")
}

fn id(index: usize) -> String {
    format!("{:040x}", index + 1)
}

/// The first slot of this master.
fn slot(index: usize) -> u32 {
    SLOTS * index as u32 / MASTERS as u32
}

/// A port of which the one for the bus is free too.
fn free_pair() -> Result<u16> {
    for _ in 0..1000 {
        let port = free_port()?;
        let bus = port.checked_add(BUS);
        if bus.is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok()) {
            return Ok(port);
        }
    }
    bail!("no free port on 127.0.0.1 with another one 10,000 above it")
}

async fn says_ok(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"CLUSTER INFO\r\nQUIT\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.contains("cluster_state:ok"))
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn every_slot_has_its_master() {
        let text = members(&[7000, 7001, 7002, 7003], 3);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with("master - 0 0 1 connected 0-5460"), "{text}");
        assert!(lines[2].ends_with("127.0.0.1:7002@17002 master - 0 0 3 connected 10922-16383"), "{text}");
        assert!(lines[3].contains(" myself,slave 0000000000000000000000000000000000000001 "), "{text}");
        assert_eq!(lines[4], "vars currentEpoch 3 lastVoteEpoch 0");
    }
}
