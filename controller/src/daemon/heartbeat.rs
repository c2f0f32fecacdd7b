//! A sign of life for each group that is looked after: a safety net that acts where nobody does waits for it to stop.

use tracing::debug;

use super::Daemon;
use super::call::call;
use super::outage::Outage;
use crate::journal::{Entry, Outcome};
use crate::ports::{Fleet, Journal, Metrics};

/// Often enough that a minute without one is no accident, and not in every tick: each call has its price.
const EVERY_S: f64 = 20.0;

/// The last one.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    at: f64,
    outage: Outage,
}

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// Beats for the groups that this tick could look after; a dry run looks after none.
    pub(super) async fn beat(&mut self, entries: &[Entry], outcomes: &[Option<Outcome>]) {
        let now = self.ports.clock.now();
        let Some(namespace) = self.config.heartbeat.as_deref().filter(|_| !self.dry_run) else { return };
        if (0.0..EVERY_S).contains(&(now - self.heartbeat.at)) {
            return;
        }
        let ticked = entries.iter().zip(outcomes);
        let groups: Vec<&str> =
            ticked.filter(|(e, o)| is_looked_after(e, o.as_ref())).map(|(e, _)| e.group.as_str()).collect();
        debug!(?groups, "heartbeat");
        if groups.is_empty() {
            return;
        }
        self.heartbeat.at = now;
        let beat = self.ports.metrics.beat(namespace, &groups);
        let answer = call("PutMetricData", self.call_limit(), beat).await;
        self.heartbeat.outage.note("the heartbeat", now, answer.err());
    }
}

/// Whether this controller sees the group and its demand, and AWS takes what it decides. One that lives, but is blind
/// or denied, helps nobody: then the net is to act.
fn is_looked_after(entry: &Entry, outcome: Option<&Outcome>) -> bool {
    let decision = &entry.decision;
    let sees = decision.current.is_some() && decision.inputs.requests_per_s.permits_shrinking();
    sees && outcome.is_none_or(Outcome::is_set)
}
