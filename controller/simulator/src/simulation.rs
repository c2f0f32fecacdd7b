//! One run: a workload, a fleet and a policy, step by step on virtual time.

use scaling::Observation;
use serde::Serialize;

use crate::engine::{Engine, Served};
use crate::fleet::{Bill, FailedActivity, Fleet};
use crate::plant::{Plant, STEP_S, STEPS_PER_MIN};
use crate::policy::Policy;
use crate::publisher::Publisher;
use crate::workload::Workload;

/// What happened in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Minute {
    /// Requests that arrived.
    pub arrived: f64,
    /// Requests that took longer than the objective, or were lost.
    pub slow: f64,
    /// Instances that served, on average.
    pub serving: f64,
    /// The desired capacity at the minute's end.
    pub desired: u32,
}

impl Minute {
    /// Whether the minute's p95 exceeds the objective: more than a twentieth of its requests did.
    pub fn violates(&self) -> bool {
        self.slow > 0.05 * self.arrived
    }

    fn add(&mut self, arrived: f64, served: Served, serving: usize) {
        self.arrived += arrived;
        self.slow += served.slow;
        self.serving += serving as f64 / STEPS_PER_MIN as f64;
    }
}

/// A run's outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Minute by minute.
    pub minutes: Vec<Minute>,
    /// What it cost.
    pub bill: Bill,
    /// Changes of the desired capacity.
    pub actions: u32,
    /// Launches that failed.
    pub failed: Vec<FailedActivity>,
}

/// Lets `policy` steer a fleet through `workload`. The seed of the workload is that of the boots.
pub fn simulate(plant: &Plant, workload: &Workload, engine: &mut dyn Engine, policy: &mut dyn Policy) -> Run {
    let mut fleet = Fleet::new(plant, workload.seed, plant.sized_for(workload.initial_per_s()));
    let mut publisher = Publisher::of(plant);
    let mut ticks = Ticks { next_at: 0.0, actions: 0 };
    let mut minutes = Vec::with_capacity(workload.arrivals.len() / STEPS_PER_MIN);
    for (index, steps) in workload.minutes().enumerate() {
        let mut minute = Minute::default();
        for (step, arrived) in steps.iter().enumerate() {
            let now = (index * STEPS_PER_MIN + step) as f64 * STEP_S;
            ticks.until(now, &mut fleet, &mut publisher, policy);
            fleet.settle(now);
            let served = engine.serve(now, *arrived, fleet.serving());
            let instances = (fleet.serving().len(), fleet.in_service());
            publisher.record(now, *arrived, served, instances, || engine.take_p95_s());
            minute.add(*arrived, served, instances.0);
        }
        minutes.push(Minute { desired: fleet.desired(), ..minute });
    }
    let end = workload.arrivals.len() as f64 * STEP_S;
    let (bill, failed) = fleet.close(end);
    Run { minutes, bill, actions: ticks.actions, failed }
}

struct Ticks {
    next_at: f64,
    actions: u32,
}

impl Ticks {
    /// The policy's ticks that are due by `now`; one between two steps takes effect at the next step.
    fn until(&mut self, now: f64, fleet: &mut Fleet, publisher: &mut Publisher, policy: &mut dyn Policy) {
        while self.next_at <= now {
            let at = self.next_at;
            self.next_at += policy.tick_s();
            fleet.settle(at);
            let datapoints = publisher.take_visible(at);
            let desired = policy.desired(&Observation { at, fleet: Some(fleet.describe()), datapoints });
            self.actions += u32::from(fleet.set_desired(at, desired));
        }
    }
}
