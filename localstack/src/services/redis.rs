//! A private Redis, in memory only.

use std::path::Path;

use anyhow::Result;

use super::Server;
use super::free_port;
use super::server::Readiness;
use crate::process::Spec;
use crate::provision::Servers;

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    server: Server,
}

impl Redis {
    /// Starts it.
    pub async fn start(servers: &Servers, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let spec = Spec::new("Redis", &servers.redis_server, &folder.join("redis.log"))
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory", "64mb"])
            .args(["--maxmemory-policy", "allkeys-lru"])
            .args(["--port".to_owned(), port.to_string()])
            .arg("--dir")
            .arg(folder);
        Ok(Self { server: Server::start("Redis", spec, port, Readiness::Accepts).await? })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.server.port())
    }

    /// Its process, to be struck down and started again.
    pub fn server(&mut self) -> &mut Server {
        &mut self.server
    }

    /// Stops it.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
