//! The real servers of the data plane, and LocalStack: each on a free port of loopback, each ending with us.

mod cloud;
mod postgres;
mod redis;
mod redis_cluster;
mod server;
mod unprivileged;

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub use cloud::Cloud;
pub use postgres::Postgres;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use server::Server;

use crate::process::Process;

/// A port that was free a moment ago. The server that takes it says so if somebody was quicker.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Waits until `ready` says yes, while the process lives: on a port that it did not get, somebody else answers.
pub(crate) async fn until_ready<F: Future<Output = bool>>(
    process: &mut Process,
    name: &str,
    patience: Duration,
    ready: impl Fn() -> F,
) -> Result<()> {
    let began = Instant::now();
    loop {
        let is_ready = ready().await;
        if process.has_ended() {
            bail!("{name} ended while starting; {}", process.log_tail());
        }
        if is_ready {
            return Ok(());
        }
        if began.elapsed() > patience {
            bail!("{name} was not ready within {} s; {}", patience.as_secs(), process.log_tail());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
