//! The one thing that is done: a group's desired capacity is set to what was decided.

use futures::future::join_all;
use scaling::Action;
use tracing::{info, warn};

use super::Daemon;
use super::call::call;
use crate::journal::{Entry, Outcome};
use crate::ports::{Fleet, Journal, Metrics};

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// Acts on each entry that says so, all at once; an outcome for each entry, none for a hold.
    pub(super) async fn act(&self, entries: &[Entry]) -> Vec<Option<Outcome>> {
        join_all(entries.iter().map(async |entry| {
            let desired = change(entry)?;
            let outcome = if self.dry_run {
                Outcome::dry_run(self.ports.clock.now())
            } else {
                self.set(&entry.group, desired).await
            };
            Some(outcome)
        }))
        .await
    }

    async fn set(&self, group: &str, desired: u32) -> Outcome {
        let limit = self.config.aws.call_timeout;
        // The call knows nothing of leases: it must be over before another daemon may make one.
        if self.ports.leadership.term(limit) != self.leads {
            warn!(group, desired, "desired capacity not set: the lease may end before AWS answers");
            return Outcome::not_leader(self.ports.clock.now());
        }
        let request = self.ports.fleet.set_desired_capacity(group, desired);
        let answer = call("SetDesiredCapacity", limit, request).await;
        let at = self.ports.clock.now();
        match answer {
            Ok(()) => {
                info!(group, desired, "desired capacity set");
                Outcome::set(at)
            }
            Err(error) => {
                warn!(group, desired, %error, "desired capacity not set; decided anew at the next tick");
                Outcome::failed(at, &error)
            }
        }
    }
}

/// The desired capacity to set: what was decided, where it differs from what the group said this tick.
fn change(entry: &Entry) -> Option<u32> {
    let decision = &entry.decision;
    let (current, desired) = (decision.current?, decision.desired?);
    (decision.action != Action::Hold && desired != current).then_some(desired)
}
