//! A failure that lasts is said when it begins and when it is over, not every tick between.

use std::fmt::Display;

use tracing::{debug, error, info, warn};

/// Whether something is failing, and since when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outage {
    since: Option<f64>,
    is_grave: bool,
}

impl Outage {
    /// Of something whose failing is an error, and not for AWS to mend.
    pub(super) fn grave() -> Self {
        Self { is_grave: true, ..Self::default() }
    }

    /// Whether it was failing when last noted.
    pub(super) fn lasts(&self) -> bool {
        self.since.is_some()
    }

    /// Notes how it went at `now`, and logs what is new about it.
    pub(super) fn note<E: Display>(&mut self, what: &str, now: f64, failure: Option<E>) {
        match (failure, self.since) {
            (Some(error), None) => {
                if self.is_grave {
                    error!(%error, "{what}: failing");
                } else {
                    warn!(%error, "{what}: failing");
                }
                self.since = Some(now);
            }
            (Some(error), Some(since)) => debug!(%error, "{what}: failing for {:.0} s", now - since),
            (None, Some(since)) => {
                info!("{what}: answers again, after {:.0} s", now - since);
                self.since = None;
            }
            (None, None) => {}
        }
    }
}
