//! Auto Scaling and CloudWatch: instances boot in a while, and the load balancer publishes what they served.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws::fleet::{Boot, Group, Instance, Phase};
use aws::metrics::{Dimensions, Window};
use aws::{Error, Kind};
use controller::clock::Clock;
use controller::ports::{Fleet, Metrics};
use scaling::Datapoint;

use super::{GROUP, failure};

/// What one instance serves per second at most.
pub const CAPACITY_PER_S: f64 = 20.0;
const BOOT_S: f64 = 30.0;

/// The cloud; its clones are the same one.
#[derive(Clone)]
pub struct Cloud {
    clock: Clock,
    inner: Arc<Mutex<Inner>>,
}

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub describe: Option<Kind>,
    pub metrics: Option<Kind>,
    /// Refusals of the next so many changes.
    pub set: Vec<Kind>,
    /// How long AWS takes to answer anything.
    pub latency: Duration,
    /// How much later than usual datapoints appear.
    pub lag_s: f64,
}

struct Inner {
    faults: Faults,
    /// Requests per second from an instant on, in order.
    load: Vec<(f64, f64)>,
    /// Since when all of it is for another target group than the one with the objective.
    elsewhere_since: f64,
    instances: Vec<Life>,
    sets: Vec<(f64, u32)>,
    described_at: Vec<f64>,
    reads: usize,
    max: u32,
}

/// An instance, from its launch to its end.
struct Life {
    launched_at: f64,
    ended_at: f64,
}

impl Life {
    fn serves_at(&self, at: f64) -> bool {
        self.launched_at + BOOT_S <= at && at < self.ended_at
    }
}

impl Cloud {
    /// `instances` in service under a load that has always been `load_per_s`.
    pub fn new(clock: Clock, instances: u32, load_per_s: f64) -> Self {
        let life = || Life { launched_at: 0.0, ended_at: f64::INFINITY };
        let inner = Inner {
            faults: Faults::default(),
            load: vec![(0.0, load_per_s)],
            elsewhere_since: f64::INFINITY,
            instances: (0..instances).map(|_| life()).collect(),
            sets: Vec::new(),
            described_at: Vec::new(),
            reads: 0,
            max: 20,
        };
        Self { clock, inner: Arc::new(Mutex::new(inner)) }
    }

    /// From now on the load is this.
    pub fn set_load(&self, per_s: f64) {
        let now = self.clock.now();
        self.inner().load.push((now, per_s));
    }

    /// From now on nobody asks the target group that has the objective: all load is for the group's other one.
    pub fn send_elsewhere(&self) {
        let now = self.clock.now();
        self.inner().elsewhere_since = now;
    }

    pub fn break_with(&self, faults: Faults) {
        self.inner().faults = faults;
    }

    /// Somebody changes the desired capacity behind the controller's back.
    pub fn change_from_outside(&self, desired: u32) {
        let now = self.clock.now();
        self.inner().resize(desired, now);
    }

    /// The changes that the controller made: when, and to what.
    pub fn sets(&self) -> Vec<(f64, u32)> {
        self.inner().sets.clone()
    }

    /// How many instances were ever launched after the start.
    pub fn launched(&self) -> usize {
        self.inner().instances.iter().filter(|life| life.launched_at > 0.0).count()
    }

    pub fn described_at(&self) -> Vec<f64> {
        self.inner().described_at.clone()
    }

    pub fn metric_reads(&self) -> usize {
        self.inner().reads
    }

    pub fn desired(&self) -> u32 {
        self.inner().desired()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn answer(&self) {
        let latency = self.inner().faults.latency;
        tokio::time::sleep(latency).await;
    }
}

impl Inner {
    fn desired(&self) -> u32 {
        self.instances.iter().filter(|life| life.ended_at.is_infinite()).count() as u32
    }

    fn resize(&mut self, desired: u32, now: f64) {
        let current = self.desired();
        for _ in current..desired {
            self.instances.push(Life { launched_at: now, ended_at: f64::INFINITY });
        }
        let living = self.instances.iter_mut().filter(|life| life.ended_at.is_infinite());
        for life in living.take(current.saturating_sub(desired) as usize) {
            life.ended_at = now;
        }
    }

    fn group(&self, now: f64) -> Group {
        let living = self.instances.iter().enumerate().filter(|(_, life)| life.ended_at > now);
        let instances = living.map(|(index, life)| Instance {
            id: format!("i-{index}"),
            phase: if life.serves_at(now) { Phase::InService } else { Phase::Pending },
        });
        Group {
            name: GROUP.to_owned(),
            desired: self.desired(),
            min: 2,
            max: self.max,
            instances: instances.collect(),
        }
    }

    /// Fast below the capacity, and a queue above it.
    fn datapoint(&self, at: f64, period_s: f64) -> Datapoint {
        let healthy = self.instances.iter().filter(|life| life.serves_at(at)).count() as f64;
        let load = self.load.iter().rev().find(|(since, _)| *since <= at).map_or(0.0, |(_, load)| *load);
        let served = load.min(healthy * CAPACITY_PER_S);
        let traffic = (load > 0.0).then_some(());
        let is_elsewhere = at >= self.elsewhere_since;
        let timed = traffic.filter(|()| !is_elsewhere);
        Datapoint {
            at,
            period_s,
            requests_per_s: traffic.map(|()| load),
            objective_requests_per_s: traffic.map(|()| if is_elsewhere { 0.0 } else { load }),
            latency_p95_s: timed.map(|()| if served < load { 8.0 } else { 0.3 }),
            samples: traffic.map(|()| served * period_s),
            failed_per_s: Some(0.0),
            cpu_percent: Some(100.0 * served / (healthy * CAPACITY_PER_S).max(1.0)),
            healthy: Some(healthy),
            ..Datapoint::default()
        }
    }
}

impl Fleet for Cloud {
    async fn describe(&self, names: &[String]) -> Result<Vec<Group>, Error> {
        let asked_at = self.clock.now();
        self.answer().await;
        let mut inner = self.inner();
        inner.described_at.push(asked_at);
        match inner.faults.describe {
            Some(kind) => Err(failure(kind)),
            None if names.iter().any(|name| name == GROUP) => Ok(vec![inner.group(self.clock.now())]),
            None => Ok(Vec::new()),
        }
    }

    async fn boots(&self, _: &str, since: f64) -> Result<Vec<Boot>, Error> {
        self.answer().await;
        let now = self.clock.now();
        let ended = |life: &Life| life.launched_at + BOOT_S;
        let inner = self.inner();
        let recent = inner.instances.iter().filter(|life| since < ended(life) && ended(life) <= now);
        Ok(recent.map(|life| Boot { ended_at: ended(life), duration_s: BOOT_S }).collect())
    }

    async fn set_desired_capacity(&self, _: &str, desired: u32) -> Result<(), Error> {
        self.answer().await;
        let now = self.clock.now();
        let mut inner = self.inner();
        if !inner.faults.set.is_empty() {
            return Err(failure(inner.faults.set.remove(0)));
        }
        inner.sets.push((now, desired));
        inner.resize(desired, now);
        Ok(())
    }
}

impl Metrics for Cloud {
    async fn read(&self, groups: &[Dimensions], window: Window) -> Result<Vec<Vec<Datapoint>>, Error> {
        self.answer().await;
        let now = self.clock.now();
        let mut inner = self.inner();
        inner.reads += 1;
        if let Some(kind) = inner.faults.metrics {
            return Err(failure(kind));
        }
        let period_s = f64::from(window.period_s);
        let visible = |at: &f64| at + period_s + inner.faults.lag_s <= now;
        let starts = (window.start_s..window.end_s).step_by(window.period_s as usize).map(|at| at as f64);
        let datapoints: Vec<_> = starts.filter(visible).map(|at| inner.datapoint(at, period_s)).collect();
        Ok(vec![datapoints; groups.len()])
    }
}
