//! A table made ready for routing: the plain data, joined with what outlives a change of table
//! (requests in flight, whose turn it is, counters, the instances' machines).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use http::Method;
use tokio::sync::watch;

use crate::{
    lock::lock,
    machine::Machine,
    profile::Profile,
    readings::{InstanceReading, TargetGroupReading},
    table::{Algorithm, Rule, Table, Target, TargetGroup, TargetState},
    tally::Tally,
};

/// A table that contradicts itself; the one before it stays in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A rule leads nowhere.
    #[error("rule with priority {priority:?}: target group `{arn}` is not in the table")]
    UnknownTargetGroup {
        /// The rule's priority; `None` is the default action.
        priority: Option<u32>,
        /// What it names.
        arn: String,
    },
}

#[derive(Debug)]
pub(crate) struct Routes {
    table: Table,
    /// By ascending priority, the default action last.
    rules: Vec<(Rule, Arc<Group>)>,
    groups: Vec<Arc<Group>>,
    machines: HashMap<String, Arc<Machine>>,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) spec: TargetGroup,
    members: Vec<Arc<Member>>,
    /// Whose turn it is. Locked while choosing, so that no two requests choose on the same counts.
    turn: Arc<Mutex<usize>>,
    tally: Arc<Mutex<Tally>>,
}

/// A target as one target group sees it. Requests in flight are counted per target group, as AWS does: each
/// group is balanced by itself and cannot see what another group has sent to the same instance.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) target: Target,
    pub(crate) outstanding: Arc<watch::Sender<usize>>,
    pub(crate) machine: Option<Arc<Machine>>,
}

/// One request in flight to a target, from the target's choice until the response's end; counted while it lives.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<watch::Sender<usize>>);

/// A target for one request, counted there from now on.
pub(crate) type Choice = (Arc<Member>, InFlight);

impl Routes {
    pub(crate) fn empty() -> Self {
        let table =
            Table { rules: Vec::new(), target_groups: Vec::new(), idle_timeout: Duration::from_mins(1) };
        Self { table, rules: Vec::new(), groups: Vec::new(), machines: HashMap::new() }
    }

    /// The routes of the next table; what both tables name keeps its counts.
    pub(crate) fn next(&self, table: Table, profile: Option<Profile>) -> Result<Self, TableError> {
        let machines = profile.map(|profile| self.next_machines(&table, profile)).unwrap_or_default();
        let groups: Vec<_> =
            table.target_groups.iter().map(|spec| Arc::new(self.next_group(spec, &machines))).collect();
        let mut rules: Vec<_> =
            table.rules.iter().map(|rule| with_group(rule, &groups)).collect::<Result<_, _>>()?;
        rules.sort_by_key(|(rule, _)| rule.priority.unwrap_or(u32::MAX));
        Ok(Self { table, rules, groups, machines })
    }

    pub(crate) fn is_of(&self, table: &Table) -> bool {
        self.table == *table
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) fn group_for(&self, method: &Method, path: &str) -> Option<&Arc<Group>> {
        self.rules.iter().find(|(rule, _)| rule.matches(method, path)).map(|(_, group)| group)
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        self.table.idle_timeout
    }

    pub(crate) fn groups(&self) -> &[Arc<Group>] {
        &self.groups
    }

    pub(crate) fn take_instance_readings(&self) -> Vec<InstanceReading> {
        let mut readings: Vec<_> = self.machines.values().map(|machine| machine.take_period()).collect();
        readings.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
        readings
    }

    fn next_machines(&self, table: &Table, profile: Profile) -> HashMap<String, Arc<Machine>> {
        let ids = table.targets().map(|target| &target.instance_id);
        ids.map(|id| {
            let machine = self.machines.get(id).cloned();
            (id.clone(), machine.unwrap_or_else(|| Arc::new(Machine::new(id, profile))))
        })
        .collect()
    }

    fn next_group(&self, spec: &TargetGroup, machines: &HashMap<String, Arc<Machine>>) -> Group {
        let before = find(&self.groups, &spec.arn);
        let member = |target: &Target| {
            Arc::new(Member {
                target: target.clone(),
                outstanding: before.and_then(|group| group.outstanding_of(target)).unwrap_or_default(),
                machine: machines.get(&target.instance_id).cloned(),
            })
        };
        Group {
            spec: spec.clone(),
            members: spec.targets.iter().map(member).collect(),
            turn: before.map(|group| group.turn.clone()).unwrap_or_default(),
            tally: before.map_or_else(|| Arc::new(Mutex::new(Tally::new())), |group| group.tally.clone()),
        }
    }
}

impl Group {
    /// The next request's target. When no target is healthy, all registered ones are used ("fail open"): a wrong
    /// health check must not turn an impaired service into none.
    pub(crate) fn choose(&self) -> Option<Choice> {
        let mut turn = lock(&self.turn);
        let mut candidates: Vec<_> = self.members_that(|state| state == TargetState::Healthy).collect();
        if candidates.is_empty() {
            candidates = self.members_that(|state| state != TargetState::Draining).collect();
        }
        if candidates.is_empty() {
            return None;
        }
        let first = *turn % candidates.len();
        candidates.rotate_left(first);
        *turn = turn.wrapping_add(1);
        let chosen = match self.spec.algorithm {
            Algorithm::RoundRobin => candidates.first(),
            Algorithm::LeastOutstandingRequests => {
                candidates.iter().min_by_key(|member| *member.outstanding.borrow())
            }
        };
        chosen.map(|&member| (member.clone(), InFlight::begin(&member.outstanding)))
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.tally)
    }

    pub(crate) fn take_reading(&self) -> TargetGroupReading {
        self.tally().take(&self.spec)
    }

    pub(crate) fn members(&self) -> &[Arc<Member>] {
        &self.members
    }

    fn members_that(&self, eligible: impl Fn(TargetState) -> bool) -> impl Iterator<Item = &Arc<Member>> {
        self.members.iter().filter(move |member| eligible(member.target.state))
    }

    /// A target that came back at another address is another process: nothing of the old one is in flight there.
    fn outstanding_of(&self, target: &Target) -> Option<Arc<watch::Sender<usize>>> {
        let same = |member: &&Arc<Member>| {
            member.target.instance_id == target.instance_id && member.target.address == target.address
        };
        self.members.iter().find(same).map(|member| member.outstanding.clone())
    }
}

impl InFlight {
    fn begin(outstanding: &Arc<watch::Sender<usize>>) -> Self {
        outstanding.send_modify(|count| *count += 1);
        Self(outstanding.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn find<'a>(groups: &'a [Arc<Group>], arn: &str) -> Option<&'a Arc<Group>> {
    groups.iter().find(|group| group.spec.arn == arn)
}

fn with_group(rule: &Rule, groups: &[Arc<Group>]) -> Result<(Rule, Arc<Group>), TableError> {
    let group = find(groups, &rule.target_group_arn).cloned();
    group.map(|group| (rule.clone(), group)).ok_or_else(|| TableError::UnknownTargetGroup {
        priority: rule.priority,
        arn: rule.target_group_arn.clone(),
    })
}
