//! After a 101 the balancer only carries bytes, both ways, until one side ends or nothing moves for the idle timeout.

use std::io;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use crate::{idle::IdleClock, routes::InFlight};

/// Carries until the end. The tunnel counts as a request in flight, so that draining waits for it.
pub(crate) async fn carry(client: OnUpgrade, target: OnUpgrade, idle: IdleClock, in_flight: InFlight) {
    match tokio::try_join!(client, target) {
        Ok((client, target)) => both_ways(client, target, idle).await,
        Err(error) => tracing::debug!(%error, "an upgrade was agreed on and then not made"),
    }
    drop(in_flight);
}

async fn both_ways(client: Upgraded, target: Upgraded, idle: IdleClock) {
    let (from_client, to_client) = split(TokioIo::new(client));
    let (from_target, to_target) = split(TokioIo::new(target));
    let carried =
        async { tokio::try_join!(pump(from_client, to_target, &idle), pump(from_target, to_client, &idle)) };
    tokio::select! {
        end = carried => if let Err(error) = end {
            tracing::debug!(%error, "a tunnel broke off");
        },
        () = idle.clone().expired() => tracing::debug!("a tunnel was idle for too long"),
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    idle: &IdleClock,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await? {
            0 => return to.shutdown().await,
            count => to.write_all(&buffer[..count]).await?,
        }
        idle.touch();
    }
}
