//! What the daemon needs of the world, as narrow traits: AWS, `SQLite` and PostgreSQL implement them in the program,
//! memory does in the tests of the loop.

use std::future::Future;
use std::time::Duration;

use aws::Error;
use aws::fleet::Boot;
use aws::metrics::{Dimensions, Window};
use scaling::{Datapoint, State};

use crate::journal::{Entry, EntryId, JournalError, Outcome, Recovery};

/// The load balancer's and the instances' metrics.
pub trait Metrics: Send + Sync {
    /// The datapoints of the periods in `window`, for each of `groups` in their order.
    fn read(
        &self,
        groups: &[Dimensions],
        window: Window,
    ) -> impl Future<Output = Result<Vec<Vec<Datapoint>>, Error>> + Send;

    /// Publishes a sign of life for each of `groups`, by name, under `namespace`.
    fn beat(&self, namespace: &str, groups: &[&str]) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The Auto Scaling groups.
pub trait Fleet: Send + Sync {
    /// The groups that exist among `names`.
    fn describe(
        &self,
        names: &[String],
    ) -> impl Future<Output = Result<Vec<aws::fleet::Group>, Error>> + Send;

    /// The boots of a group's instances that ended after `since` (Unix seconds), oldest first.
    fn boots(&self, group: &str, since: f64) -> impl Future<Output = Result<Vec<Boot>, Error>> + Send;

    /// Sets a group's desired capacity.
    fn set_desired_capacity(
        &self,
        group: &str,
        desired: u32,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What survives the daemon.
pub trait Journal: Send + Sync {
    /// What is needed to go on with a group where it was left at `now`.
    fn recover(&self, group: &str, now: f64) -> impl Future<Output = Result<Recovery, JournalError>> + Send;

    /// Records what was observed and decided, all or nothing, before anything is done.
    fn record(&self, entries: &[Entry]) -> impl Future<Output = Result<Vec<EntryId>, JournalError>> + Send;

    /// Records what came of a decision.
    fn conclude(
        &self,
        id: EntryId,
        outcome: &Outcome,
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Records the groups' states, so that nothing recorded so far needs to be replayed.
    fn snapshot(
        &self,
        at: f64,
        states: &[(&str, &State)],
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Forgets what is older than the journal is to remember.
    fn prune(&self, now: f64, retention_s: f64) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// A time of one daemon's leading; a later one has a greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(pub i64);

/// The right to act, held by one of several daemons.
pub trait Lease: Send + Sync {
    /// Takes the lease, or prolongs it, until `lasts` from now; none if another holds it.
    fn hold(&self, lasts: Duration) -> impl Future<Output = Result<Option<Term>, JournalError>> + Send;

    /// Gives it back, for whoever stands by.
    fn release(&self) -> impl Future<Output = Result<(), JournalError>> + Send;
}
