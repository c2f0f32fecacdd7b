//! A failure that lasts is said when it begins and when it is over, not every tick between.

use std::fmt::Display;

use tracing::{debug, info, warn};

/// Whether something is failing, and since when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outage {
    since: Option<f64>,
}

impl Outage {
    /// Notes how it went at `now`, and logs what is new about it.
    pub(super) fn note<E: Display>(&mut self, what: &str, now: f64, failure: Option<E>) {
        match (failure, self.since) {
            (Some(error), None) => {
                warn!(%error, "{what}: failing");
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
