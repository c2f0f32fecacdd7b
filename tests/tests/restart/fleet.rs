//! The load balancer before the fleet, and the one who tells it of instances, as Auto Scaling does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use balancer::{
    Algorithm, Balancer, Fact, Health, HealthCheck, Rule, Settings, Table, Target, TargetGroup, TargetState,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::until;

const GROUP: &str = "fleet";

/// A load balancer that serves.
pub struct Fleet {
    balancer: Balancer,
    targets: Arc<Mutex<Vec<Target>>>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Fleet {
    pub async fn start() -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let (balancer, facts) = Balancer::bind(loopback, Settings::default()).await.unwrap();
        let targets = Arc::default();
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (balancer, targets, stop) = (balancer.clone(), Arc::clone(&targets), stop.clone());
            async move {
                tokio::join!(
                    balancer.serve(stop.clone()),
                    stop.run_until_cancelled(heed(facts, &balancer, &targets))
                );
            }
        });
        Self { balancer, targets, stop, serving }
    }

    pub fn port(&self) -> u16 {
        self.balancer.local_addr().port()
    }

    /// Adds an instance, and waits until it gets requests.
    pub async fn register(&self, instance_id: &str, port: u16) {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let target = Target { instance_id: instance_id.to_owned(), address, state: TargetState::Initial };
        change(&self.balancer, &self.targets, |targets| targets.push(target));
        until(instance_id, Duration::from_mins(1), async || {
            let targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
            let target = targets.iter().find(|target| target.instance_id == instance_id)?;
            (target.state == TargetState::Healthy).then_some(())
        })
        .await;
    }

    /// Removes an instance that has ended.
    pub fn deregister(&self, instance_id: &str) {
        change(&self.balancer, &self.targets, |targets| targets.retain(|it| it.instance_id != instance_id));
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

/// What the health checks find takes effect.
async fn heed(mut facts: mpsc::Receiver<Fact>, balancer: &Balancer, targets: &Mutex<Vec<Target>>) {
    while let Some(fact) = facts.recv().await {
        let Fact::TargetHealth { instance_id, health, .. } = fact else { continue };
        let state = match health {
            Health::Healthy => TargetState::Healthy,
            Health::Unhealthy(_) => TargetState::Unhealthy,
        };
        change(balancer, targets, |targets| {
            targets.iter_mut().filter(|it| it.instance_id == instance_id).for_each(|it| it.state = state);
        });
    }
}

fn change(balancer: &Balancer, targets: &Mutex<Vec<Target>>, change: impl FnOnce(&mut Vec<Target>)) {
    let mut targets = targets.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut targets);
    balancer.update(table(targets.clone())).unwrap();
}

/// Everything goes to the fleet.
fn table(targets: Vec<Target>) -> Table {
    let health_check = HealthCheck {
        path: "/health/ready".to_owned(),
        interval: Duration::from_millis(500),
        timeout: Duration::from_secs(3),
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        matcher: "200".parse().unwrap(),
    };
    let group = TargetGroup {
        arn: GROUP.to_owned(),
        algorithm: Algorithm::LeastOutstandingRequests,
        deregistration_delay: Duration::from_secs(45),
        health_check,
        targets,
    };
    let everything =
        Rule { priority: None, methods: Vec::new(), paths: Vec::new(), target_group_arn: GROUP.to_owned() };
    Table { rules: vec![everything], target_groups: vec![group], idle_timeout: Duration::from_mins(1) }
}
