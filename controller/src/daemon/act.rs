//! The one thing that is done: a group's desired capacity is set to what was decided.

use std::time::Duration;

use futures::future::join_all;
use scaling::Action;
use tracing::{info, warn};

use super::Ports;
use super::call::call;
use crate::journal::{Entry, Outcome};
use crate::ports::Fleet;

/// Acts on each entry that says so, all at once; an outcome for each entry, none for a hold.
pub(super) async fn act<M, F: Fleet, J>(
    ports: &Ports<M, F, J>,
    entries: &[Entry],
    limit: Duration,
    dry_run: bool,
) -> Vec<Option<Outcome>> {
    join_all(entries.iter().map(async |entry| {
        let desired = change(entry)?;
        if dry_run {
            return Some(Outcome::dry_run(ports.clock.now()));
        }
        let request = ports.fleet.set_desired_capacity(&entry.group, desired);
        let answer = call("SetDesiredCapacity", limit, request).await;
        let at = ports.clock.now();
        match answer {
            Ok(()) => {
                info!(group = entry.group, desired, "desired capacity set");
                Some(Outcome::set(at))
            }
            Err(error) => {
                warn!(group = entry.group, desired, %error, "desired capacity not set; decided anew at the next tick");
                Some(Outcome::failed(at, &error))
            }
        }
    }))
    .await
}

/// The desired capacity to set: what was decided, where it differs from what the group said this tick.
fn change(entry: &Entry) -> Option<u32> {
    let decision = &entry.decision;
    let (current, desired) = (decision.current?, decision.desired?);
    (decision.action != Action::Hold && desired != current).then_some(desired)
}
