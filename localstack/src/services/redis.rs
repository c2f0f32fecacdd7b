//! A private Redis, in memory only.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpStream;

use super::{free_port, until_ready};
use crate::process::{Process, Spec};
use crate::provision::Servers;

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    port: u16,
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
        let mut process = spec.spawn()?;
        let ready = || async { TcpStream::connect(("127.0.0.1", port)).await.is_ok() };
        until_ready(&mut process, "Redis", Duration::from_secs(10), ready).await?;
        Ok(Self { process, port })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Stops it.
    pub async fn stop(self) {
        self.process.stop(Duration::from_secs(5)).await;
    }
}
