//! What the system tells the daemon: to stop, or to read its configuration again.

use std::path::PathBuf;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::Config;
use crate::daemon::Orders;

/// Listens from now on. `path` is read again on each SIGHUP; what is not valid changes nothing.
pub(super) fn orders(path: PathBuf) -> anyhow::Result<Orders> {
    let stop = CancellationToken::new();
    let (sender, reload) = mpsc::channel(1);
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (terminate, interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::spawn(cancel_on(terminate, interrupt, stop.clone()));
    tokio::spawn(reload_on(listen(SignalKind::hangup())?, path, sender));
    Ok(Orders { stop, reload })
}

async fn cancel_on(mut terminate: Signal, mut interrupt: Signal, stop: CancellationToken) {
    tokio::select! {
        _ = terminate.recv() => info!("SIGTERM: finishing the tick"),
        _ = interrupt.recv() => info!("SIGINT: finishing the tick"),
    }
    stop.cancel();
}

async fn reload_on(mut hangup: Signal, path: PathBuf, sender: mpsc::Sender<Config>) {
    while hangup.recv().await.is_some() {
        match Config::load(&path) {
            Ok(config) => {
                if sender.send(config).await.is_err() {
                    return;
                }
            }
            Err(error) => error!("SIGHUP: the configuration is invalid, and the old one stays\n{error}"),
        }
    }
}
