//! Beginning to lead, and ceasing to.

use std::time::Duration;

use tracing::{error, info, warn};

use super::window::Windows;
use super::{Daemon, report};
use crate::ports::{Fleet, Journal, Metrics};

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// Whether this tick is this daemon's. A term that begins takes the groups up where the journal, and so whoever led
    /// before, left them.
    pub(super) async fn lead(&mut self) -> bool {
        let Some(term) = self.ports.leadership.term(Duration::ZERO) else {
            self.stand_by();
            return false;
        };
        if self.leads != Some(term) {
            self.groups.clear();
            self.windows = Windows::new(self.config.metrics);
            let groups = self.config.groups.clone();
            if let Err(error) = self.take_up_groups(&groups).await {
                error!(%error, "holding the lease, and not leading yet");
                self.stand_by();
                return false;
            }
            self.leads = Some(term);
            info!(term = term.0, "leading");
        }
        self.board.note_leading(true);
        report::leads(true);
        true
    }

    /// Leaves the groups to whoever leads.
    pub(super) fn stand_by(&mut self) {
        if self.leads.take().is_some() {
            warn!("standing by: the lease has ended, or another controller holds it");
        }
        self.board.note_leading(false);
        self.board.show(self.ports.clock.now(), &[], &[]);
        report::leads(false);
    }
}
