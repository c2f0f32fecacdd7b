//! Auto Scaling and CloudWatch: instances boot in a while, and the load balancer publishes what they served.

use std::collections::BTreeMap;
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

/// The cloud, seen from one of its groups; its clones are the same cloud.
#[derive(Clone)]
pub struct Cloud {
    clock: Clock,
    group: String,
    inner: Arc<Mutex<Inner>>,
}

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub describe: Option<Kind>,
    pub metrics: Option<Kind>,
    pub beat: Option<Kind>,
    /// How long AWS takes to answer anything.
    pub latency: Duration,
    /// How much later than usual datapoints appear.
    pub lag_s: f64,
}

#[derive(Default)]
struct Inner {
    faults: Faults,
    groups: BTreeMap<String, Scaled>,
    described_at: Vec<f64>,
    reads: usize,
    /// When which namespace and group had a sign of life.
    beats: Vec<(f64, String)>,
}

/// One group and the load on it.
struct Scaled {
    name: String,
    /// Requests per second from an instant on, in order.
    load: Vec<(f64, f64)>,
    /// Since when all of it is for another target group than the one with the objective.
    elsewhere_since: f64,
    instances: Vec<Life>,
    /// Refusals of the next so many changes.
    refusals: Vec<Kind>,
    sets: Vec<(f64, u32)>,
    /// How many calls named it.
    mentions: usize,
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
    /// A group of `instances` in service under a load that has always been `load_per_s`.
    pub fn new(clock: Clock, instances: u32, load_per_s: f64) -> Self {
        let cloud = Self { clock, group: GROUP.to_owned(), inner: Arc::default() };
        cloud.and(GROUP, instances, load_per_s)
    }

    /// With one more group.
    pub fn and(self, group: &str, instances: u32, load_per_s: f64) -> Self {
        let scaled = Scaled::new(group, instances, load_per_s);
        self.lock().groups.insert(group.to_owned(), scaled);
        self
    }

    /// The same cloud, seen from another of its groups.
    pub fn group(&self, name: &str) -> Self {
        Self { group: name.to_owned(), ..self.clone() }
    }

    /// From now on the load is this.
    pub fn set_load(&self, per_s: f64) {
        let now = self.clock.now();
        self.scaled(|group| group.load.push((now, per_s)));
    }

    /// From now on nobody asks the target group that has the objective: all load is for the group's other one.
    pub fn send_elsewhere(&self) {
        let now = self.clock.now();
        self.scaled(|group| group.elsewhere_since = now);
    }

    pub fn break_with(&self, faults: Faults) {
        self.lock().faults = faults;
    }

    /// The next changes are refused.
    pub fn refuse(&self, refusals: Vec<Kind>) {
        self.scaled(|group| group.refusals = refusals);
    }

    /// Somebody deletes the group.
    pub fn delete(&self) {
        self.lock().groups.remove(&self.group);
    }

    /// Somebody changes the desired capacity behind the controller's back.
    pub fn change_from_outside(&self, desired: u32) {
        let now = self.clock.now();
        self.scaled(|group| group.resize(desired, now));
    }

    /// The changes that the controller made: when, and to what.
    pub fn sets(&self) -> Vec<(f64, u32)> {
        self.scaled(|group| group.sets.clone())
    }

    /// How many instances were ever launched after the start.
    pub fn launched(&self) -> usize {
        self.scaled(|group| group.instances.iter().filter(|life| life.launched_at > 0.0).count())
    }

    /// How many calls were about the group.
    pub fn mentions(&self) -> usize {
        self.scaled(|group| group.mentions)
    }

    pub fn described_at(&self) -> Vec<f64> {
        self.lock().described_at.clone()
    }

    pub fn beats(&self) -> Vec<(f64, String)> {
        self.lock().beats.clone()
    }

    pub fn metric_reads(&self) -> usize {
        self.lock().reads
    }

    pub fn desired(&self) -> u32 {
        self.scaled(|group| group.desired())
    }

    fn scaled<T>(&self, of: impl FnOnce(&mut Scaled) -> T) -> T {
        of(self.lock().groups.get_mut(&self.group).unwrap())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What AWS says of the groups among `names` that it has, when it says something.
    async fn answer(&self, names: &[&str]) -> MutexGuard<'_, Inner> {
        let latency = self.lock().faults.latency;
        tokio::time::sleep(latency).await;
        let mut inner = self.lock();
        for name in names {
            inner.groups.entry((*name).to_owned()).and_modify(|group| group.mentions += 1);
        }
        inner
    }
}

impl Scaled {
    fn new(name: &str, instances: u32, load_per_s: f64) -> Self {
        let life = |_| Life { launched_at: 0.0, ended_at: f64::INFINITY };
        Self {
            name: name.to_owned(),
            load: vec![(0.0, load_per_s)],
            elsewhere_since: f64::INFINITY,
            instances: (0..instances).map(life).collect(),
            refusals: Vec::new(),
            sets: Vec::new(),
            mentions: 0,
            max: 20,
        }
    }

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
            name: self.name.clone(),
            desired: self.desired(),
            min: 2,
            max: self.max,
            instances: instances.collect(),
            target_groups: Vec::new(),
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
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut inner = self.answer(&names).await;
        inner.described_at.push(asked_at);
        if let Some(kind) = inner.faults.describe {
            return Err(failure(kind));
        }
        let now = self.clock.now();
        Ok(names.iter().filter_map(|name| inner.groups.get(*name)).map(|group| group.group(now)).collect())
    }

    async fn boots(&self, group: &str, since: f64) -> Result<Vec<Boot>, Error> {
        let inner = self.answer(&[group]).await;
        let now = self.clock.now();
        let ended = |life: &Life| life.launched_at + BOOT_S;
        let lives = inner.groups.get(group).map(|group| group.instances.as_slice()).unwrap_or_default();
        let recent = lives.iter().filter(|life| since < ended(life) && ended(life) <= now);
        Ok(recent.map(|life| Boot { ended_at: ended(life), duration_s: BOOT_S }).collect())
    }

    async fn set_desired_capacity(&self, group: &str, desired: u32) -> Result<(), Error> {
        let mut inner = self.answer(&[group]).await;
        let now = self.clock.now();
        let group = inner.groups.get_mut(group).ok_or_else(|| failure(Kind::NotFound))?;
        if !group.refusals.is_empty() {
            return Err(failure(group.refusals.remove(0)));
        }
        group.sets.push((now, desired));
        group.resize(desired, now);
        Ok(())
    }
}

impl Metrics for Cloud {
    async fn beat(&self, namespace: &str, groups: &[&str]) -> Result<(), Error> {
        let mut inner = self.answer(groups).await;
        let now = self.clock.now();
        if let Some(kind) = inner.faults.beat {
            return Err(failure(kind));
        }
        inner.beats.extend(groups.iter().map(|group| (now, format!("{namespace} {group}"))));
        Ok(())
    }

    async fn read(&self, groups: &[Dimensions], window: Window) -> Result<Vec<Vec<Datapoint>>, Error> {
        let names: Vec<&str> = groups.iter().map(|group| group.auto_scaling_group.as_str()).collect();
        let mut inner = self.answer(&names).await;
        let now = self.clock.now();
        inner.reads += 1;
        if let Some(kind) = inner.faults.metrics {
            return Err(failure(kind));
        }
        let period_s = f64::from(window.period_s);
        let visible = |at: &f64| at + period_s + inner.faults.lag_s <= now;
        let starts = (window.start_s..window.end_s).step_by(window.period_s as usize).map(|at| at as f64);
        let starts: Vec<f64> = starts.filter(visible).collect();
        let datapoints = |name: &&str| {
            let group = inner.groups.get(*name);
            group.map(|group| starts.iter().map(|at| group.datapoint(*at, period_s)).collect())
        };
        Ok(names.iter().map(|name| datapoints(name).unwrap_or_default()).collect())
    }
}
