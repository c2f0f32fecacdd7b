//! What happens when LocalStack died: it comes back with nothing in it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use aws::Clients;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::controller::Controller;
use crate::seam::Seam;
use crate::stack::{Size, Stack};

/// After a try that failed; it may have died once more.
const AGAIN: Duration = Duration::from_secs(2);

/// Makes the stack again after `LocalStack` was restarted with nothing in it.
pub(crate) struct Rebuilder {
    pub(crate) generation: watch::Receiver<u32>,
    pub(crate) clients: Clients,
    pub(crate) seam: Seam,
    pub(crate) name: String,
    pub(crate) size: Size,
    pub(crate) stack: watch::Sender<Stack>,
    pub(crate) controller: Arc<Mutex<Option<Controller>>>,
}

impl Rebuilder {
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        while let Some(Ok(())) = stop.run_until_cancelled(self.generation.changed()).await {
            while let Err(error) = self.rebuild().await {
                tracing::error!("LocalStack is back, but the group is not: {error:#}");
                if stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                    return;
                }
            }
            tracing::warn!("LocalStack is back, and the group was created anew");
        }
    }

    async fn rebuild(&self) -> Result<()> {
        let network = self.seam.snapshot().await?.network;
        let stack = Stack::create(&self.clients, &network, &self.name, self.size).await?;
        self.stack.send_replace(stack.clone());
        match self.controller.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(controller) => controller.reconfigure(&stack),
            None => Ok(()),
        }
    }
}
