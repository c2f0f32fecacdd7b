//! Ctrl-C, or whatever else asks this process to end: the first time in order, the second time at once.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How often somebody asked for the end. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    in_order: CancellationToken,
    at_once: CancellationToken,
}

impl Interrupt {
    /// Counts SIGINT and SIGTERM from now on, which then no longer end this process by themselves.
    pub(crate) fn on_signals() -> Result<Self> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let counted = Self::default();
        let counting = counted.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
                counting.ask();
            }
        });
        Ok(counted)
    }

    /// Asks once more.
    pub(crate) fn ask(&self) {
        if self.in_order.is_cancelled() {
            self.at_once.cancel();
        }
        self.in_order.cancel();
    }

    /// Waits until somebody has asked.
    pub(crate) async fn asked(&self) {
        self.in_order.cancelled().await;
    }

    /// Waits until somebody has asked twice.
    pub(crate) async fn insisted(&self) {
        self.at_once.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_is_in_order_and_the_second_at_once() {
        let interrupt = Interrupt::default();
        let asked = || (interrupt.in_order.is_cancelled(), interrupt.at_once.is_cancelled());
        assert_eq!(asked(), (false, false));
        interrupt.clone().ask();
        assert_eq!(asked(), (true, false));
        interrupt.ask();
        assert_eq!(asked(), (true, true));
    }
}
