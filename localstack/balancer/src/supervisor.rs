//! One task for each target that needs one: a health check, or the wait until it is drained.
//! With each change of the routes the tasks are brought into line with them.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    drain::drained,
    fact::Fact,
    health::{Checks, Prober},
    proxy::Tasks,
    routes::{Group, Member, Routes},
    table::{HealthCheck, TargetState},
};

/// (target group's ARN, instance id)
type Key = (String, String);

/// What a target needs; while it needs the same, its task goes on.
#[derive(Debug, PartialEq)]
enum Duty {
    Check(SocketAddr, HealthCheck),
    Drain,
}

#[derive(Debug)]
struct Watch {
    duty: Duty,
    state: TargetState,
    _task: AbortOnDropHandle<()>,
}

/// Runs until the routes' sender is gone.
pub(crate) async fn supervise(
    mut routes: watch::Receiver<Arc<Routes>>,
    facts: &mpsc::Sender<Fact>,
    tasks: &Tasks,
) {
    let prober = Prober::new(tasks.clone());
    let mut watches = HashMap::new();
    loop {
        let current = routes.borrow_and_update().clone();
        watches = in_line_with(&current, watches, |duty, group, member| {
            AbortOnDropHandle::new(match duty {
                Duty::Check(..) => tasks.tracker.spawn(check(prober.clone(), group, member, facts.clone())),
                Duty::Drain => tasks.tracker.spawn(drain(group, member, facts.clone())),
            })
        });
        if routes.changed().await.is_err() {
            return;
        }
    }
}

fn in_line_with(
    routes: &Routes,
    mut before: HashMap<Key, Watch>,
    spawn: impl Fn(&Duty, Arc<Group>, Arc<Member>) -> AbortOnDropHandle<()>,
) -> HashMap<Key, Watch> {
    let targets =
        routes.groups().iter().flat_map(|group| group.members().iter().map(move |member| (group, member)));
    let watch = |(group, member): (&Arc<Group>, &Arc<Member>)| {
        let key = (group.spec.arn.clone(), member.target.instance_id.clone());
        let (duty, state) = (duty_of(group, member), member.target.state);
        let kept =
            before.remove(&key).filter(|watch| watch.duty == duty && !registered_anew(watch.state, state));
        let watch = match kept {
            Some(watch) => Watch { state, ..watch },
            None => Watch { _task: spawn(&duty, group.clone(), member.clone()), duty, state },
        };
        (key, watch)
    };
    targets.map(watch).collect()
}

fn duty_of(group: &Group, member: &Member) -> Duty {
    match member.target.state {
        TargetState::Draining => Duty::Drain,
        _ => Duty::Check(member.target.address, group.spec.health_check.clone()),
    }
}

/// Its owner has forgotten what was known of it, so it must be found out and told again.
fn registered_anew(before: TargetState, now: TargetState) -> bool {
    now == TargetState::Initial && before != TargetState::Initial
}

async fn check(prober: Prober, group: Arc<Group>, member: Arc<Member>, facts: mpsc::Sender<Fact>) {
    let mut checks = Checks::new(prober, &member.target, &group.spec.health_check);
    loop {
        let health = checks.next_change().await;
        let (target_group_arn, instance_id) = (group.spec.arn.clone(), member.target.instance_id.clone());
        send(&facts, Fact::TargetHealth { target_group_arn, instance_id, health }).await;
    }
}

async fn drain(group: Arc<Group>, member: Arc<Member>, facts: mpsc::Sender<Fact>) {
    drained(&member.outstanding, group.spec.deregistration_delay).await;
    let (target_group_arn, instance_id) = (group.spec.arn.clone(), member.target.instance_id.clone());
    send(&facts, Fact::TargetDrained { target_group_arn, instance_id }).await;
}

async fn send(facts: &mpsc::Sender<Fact>, fact: Fact) {
    if facts.send(fact).await.is_err() {
        tracing::debug!("a fact about a target has no reader any more");
    }
}
