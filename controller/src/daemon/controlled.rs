//! One group under control: what it is to be, and what is remembered of it between two ticks.

use std::collections::HashSet;

use scaling::{Action, Decision, Observation, State, decide};

use super::outage::Outage;
use super::window::Known;
use crate::config::Group;
use crate::journal::{Entry, Recovery};

/// How far back the boots are looked up that a daemon without a journal learns from.
const BOOTS_S: f64 = 86_400.0;

/// A group between two ticks.
#[derive(Debug)]
pub(super) struct Controlled {
    pub(super) group: Group,
    pub(super) state: State,
    /// The last decision of this run.
    pub(super) last: Option<Decision>,
    pub(super) known: Known,
    pub(super) boots: Boots,
    pub(super) outage: Outage,
}

/// Which boots are to be looked up.
#[derive(Debug)]
pub(super) struct Boots {
    /// The instances that were in service when last seen.
    in_service: HashSet<String>,
    /// Whether one came into service whose boot has not been looked up yet.
    due: bool,
    /// The end of the last boot that is known, in Unix seconds.
    since: f64,
}

impl Controlled {
    /// Goes on where the journal left the group.
    pub(super) fn new(group: Group, recovery: Recovery, now: f64) -> Self {
        let state = recovery.replay(&group.policy);
        let mut known = Known::default();
        known.news(recovery.datapoints);
        let since = recovery.observed_at.unwrap_or(now - BOOTS_S);
        let boots = Boots { in_service: HashSet::new(), due: false, since };
        Self { group, state, last: None, known, boots, outage: Outage::default() }
    }

    pub(super) fn name(&self) -> &str {
        self.group.name()
    }

    /// Decides on what was observed, and remembers what that taught.
    pub(super) fn decide(&mut self, observation: Observation, dry_run: bool) -> Entry {
        let (decision, state) = decide(&self.group.policy, std::mem::take(&mut self.state), &observation);
        self.state = state;
        let turn = self.is_turn(&decision, dry_run);
        Entry { group: self.name().to_owned(), observation, decision, turn, dry_run }
    }

    /// Whether a decision acts, or says something else than the one before; the first of a run does. One that may not
    /// be acted on is made again every tick, and is news only once.
    fn is_turn(&self, decision: &Decision, dry_run: bool) -> bool {
        let acts = decision.action != Action::Hold && !dry_run;
        let gist = |d: &Decision| (d.action, d.reason, d.desired);
        let changed = self.last.as_ref().map(gist) != Some(gist(decision));
        acts || changed || !decision.notices.is_empty()
    }
}

impl Boots {
    /// Notes who is in service; a newcomer's boot is to be looked up.
    pub(super) fn see(&mut self, group: &aws::fleet::Group) {
        let in_service: HashSet<String> = group
            .instances
            .iter()
            .filter(|instance| instance.phase == aws::fleet::Phase::InService)
            .map(|instance| instance.id.clone())
            .collect();
        self.due |= !in_service.is_subset(&self.in_service);
        self.in_service = in_service;
    }

    /// The instant after which boots are to be looked up, if any are.
    pub(super) fn due_since(&self) -> Option<f64> {
        self.due.then_some(self.since)
    }

    /// Takes the boots that were found, and gives their durations in seconds.
    pub(super) fn take(&mut self, boots: &[aws::fleet::Boot]) -> Vec<f64> {
        self.due = false;
        self.since = boots.iter().map(|boot| boot.ended_at).fold(self.since, f64::max);
        boots.iter().map(|boot| boot.duration_s).collect()
    }
}
