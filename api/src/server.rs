//! The server's life: it listens, serves, and when told to stop it drains.
//!
//! Draining has two steps. First the readiness check fails, so that the load balancer sends no more, while whatever
//! still arrives is served. After the grace the listener closes and requests under way finish, within a limit.

mod connection;

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a server stops.
#[derive(Clone, Copy, Debug)]
pub struct DrainSettings {
    /// How long it still takes new requests after it has said that it wants none.
    pub grace: Duration,
    /// How long requests under way may still take then.
    pub timeout: Duration,
}

/// Serves `router` until `stop` resolves, then drains; `draining` is cancelled at once, and the function returns
/// when the last request is done or the drain's time is over.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    drain: DrainSettings,
    draining: CancellationToken,
    stop: impl Future<Output = ()>,
) {
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    let no_more = async {
        stop.await;
        tracing::info!("draining");
        draining.cancel();
        tokio::time::sleep(drain.grace).await;
    };
    tokio::select! {
        never = accept(listener, router, &connections, &closing) => match never {},
        () = no_more => {}
    }
    closing.cancel();
    connections.close();
    if tokio::time::timeout(drain.timeout, connections.wait()).await.is_err() {
        tracing::warn!(
            timeout_s = drain.timeout.as_secs_f64(),
            "requests are still under way after the drain's time"
        );
    }
}

/// Serves each connection in a task of its own. The listener closes when nobody waits for this any more.
async fn accept(
    listener: TcpListener,
    router: Router,
    connections: &TaskTracker,
    closing: &CancellationToken,
) -> Infallible {
    let mut listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "small answers on this connection will be delayed");
        }
    });
    loop {
        let (stream, _address) = listener.accept().await;
        // The clone is a pointer. (axum's own server clones a bare router's every route for each connection.)
        connections.spawn(connection::serve(stream, router.clone(), closing.clone()));
    }
}

/// Resolves when one of these tasks has panicked: a process that serves without them would grow stale and look healthy,
/// and one that ends is replaced. A task that has ended as it should is none.
pub async fn panicked(mut tasks: JoinSet<()>) -> anyhow::Error {
    while let Some(outcome) = tasks.join_next().await {
        if let Err(error) = outcome {
            return anyhow::Error::new(error).context("work beside the requests has ended");
        }
    }
    std::future::pending().await
}
