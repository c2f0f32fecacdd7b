//! A fleet on virtual time, just real enough to hold decisions against: instances of 20 requests/s, boots, a
//! backlog, Poisson arrivals, and metrics that are seen after their period and a delay.

#![allow(dead_code, reason = "each test file uses its own part")]

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};
use scaling::{Datapoint, Decision, Fleet, Observation, Policy, Settings, State, decide};

pub const CAPACITY_PER_S: f64 = 20.0;
pub const MIN: u32 = 2;
pub const MAX: u32 = 20;

/// The local cloud's times: 1 s ticks, 5 s periods, boots of some seconds.
pub fn local() -> Settings {
    Settings {
        boot_s: 8.0,
        max_age_s: 20.0,
        stabilization_window_s: Some(30.0),
        scale_in_cooldown_s: 10.0,
        ..Settings::default()
    }
}

pub fn policy(settings: Settings) -> Policy {
    Policy::try_from(settings).unwrap()
}

pub struct Plant {
    rng: StdRng,
    pub now: u32,
    pub desired: u32,
    /// When each instance serves from.
    instances: Vec<u32>,
    boots_s: Vec<f64>,
    backlog: f64,
    times: Times,
    period: Period,
    unseen: Vec<(u32, Datapoint)>,
    /// Multiplies what an instance serves; below 1 the service is slow.
    pub speed: f64,
    /// Fails this share of the requests.
    pub failing: f64,
    /// Whether CPU is among the metrics.
    pub cpu: bool,
    /// Whether CloudWatch has anything to say.
    pub metrics: bool,
    /// Seconds with a p95 above 3 s.
    pub slow_s: u32,
}

/// How fast a world is.
#[derive(Clone)]
#[allow(clippy::struct_field_names, reason = "they are all in seconds")]
struct Times {
    tick_s: u32,
    period_s: u32,
    publish_delay_s: u32,
    boot_s: std::ops::Range<u32>,
}

/// The local cloud's.
const LOCAL: Times = Times { tick_s: 1, period_s: 5, publish_delay_s: 1, boot_s: 5..12 };
/// A real load balancer's, and instances that boot in minutes.
const ALB: Times = Times { tick_s: 10, period_s: 60, publish_delay_s: 60, boot_s: 110..240 };

#[derive(Default)]
struct Period {
    arrived: f64,
    served: f64,
    worst_wait_s: f64,
    busy: f64,
    serving: f64,
}

impl Plant {
    pub fn new(seed: u64, desired: u32) -> Self {
        Self::in_times(LOCAL, seed, desired)
    }

    pub fn behind_alb(seed: u64, desired: u32) -> Self {
        Self::in_times(ALB, seed, desired)
    }

    fn in_times(times: Times, seed: u64, desired: u32) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            now: 0,
            desired,
            instances: vec![0; desired as usize],
            boots_s: Vec::new(),
            backlog: 0.0,
            times,
            period: Period::default(),
            unseen: Vec::new(),
            speed: 1.0,
            failing: 0.0,
            cpu: true,
            metrics: true,
            slow_s: 0,
        }
    }

    pub fn in_service(&self) -> u32 {
        self.instances.iter().filter(|from| **from <= self.now).count() as u32
    }

    pub fn set_desired(&mut self, desired: u32) {
        self.desired = desired;
        while self.instances.len() > desired as usize {
            self.instances.pop();
        }
        while self.instances.len() < desired as usize {
            let boot_s = self.rng.random_range(self.times.boot_s.clone());
            self.boots_s.push(f64::from(boot_s));
            self.instances.push(self.now + boot_s);
        }
    }

    /// One second of `load_per_s`.
    pub fn step(&mut self, load_per_s: f64) {
        let serving = f64::from(self.in_service());
        let arrived = Poisson::new(load_per_s.max(1e-9)).unwrap().sample(&mut self.rng);
        let capacity = serving * CAPACITY_PER_S * self.speed;
        self.backlog += arrived;
        let served = self.backlog.min(capacity);
        self.backlog -= served;
        let wait_s = if capacity > 0.0 { self.backlog / capacity } else { 60.0 };
        self.slow_s += u32::from(wait_s > 1.7);
        self.period.arrived += arrived;
        self.period.served += served;
        self.period.worst_wait_s = self.period.worst_wait_s.max(wait_s);
        self.period.busy += served / capacity.max(1e-9) / f64::from(self.times.period_s);
        self.period.serving += serving;
        self.now += 1;
        if self.now.is_multiple_of(self.times.period_s) {
            self.publish();
        }
    }

    fn publish(&mut self) {
        let period = std::mem::take(&mut self.period);
        let period_s = f64::from(self.times.period_s);
        let some = |value: f64| (period.arrived > 0.0).then_some(value);
        let datapoint = Datapoint {
            at: f64::from(self.now) - period_s,
            period_s,
            requests_per_s: some(period.arrived / period_s),
            latency_p95_s: some(1.3 + period.worst_wait_s),
            samples: some(period.served),
            failed_per_s: Some(self.failing * period.arrived / period_s),
            cpu_percent: self.cpu.then_some(100.0 * period.busy),
            in_service: Some(period.serving / period_s),
            healthy: Some(period.serving / period_s),
            ..Datapoint::default()
        };
        if self.metrics {
            self.unseen.push((self.now + self.times.publish_delay_s, datapoint));
        }
    }

    pub fn observe(&mut self) -> Observation {
        let now = self.now;
        let (seen, unseen) = std::mem::take(&mut self.unseen).into_iter().partition(|(at, _)| *at <= now);
        self.unseen = unseen;
        Observation {
            at: f64::from(now),
            fleet: Some(Fleet {
                desired: self.desired,
                in_service: self.in_service(),
                pending: self.desired - self.in_service(),
                min: MIN,
                max: MAX,
                boots_s: if self.in_service() == self.desired {
                    std::mem::take(&mut self.boots_s)
                } else {
                    Vec::new()
                },
            }),
            datapoints: Vec::from_iter(seen).into_iter().map(|(_, d)| d).collect(),
        }
    }

    /// `seconds` of `load_per_s`, the controller deciding each tick. Returns the decisions.
    pub fn run(
        &mut self,
        policy: &Policy,
        state: &mut State,
        seconds: u32,
        load_per_s: impl Fn(u32) -> f64,
    ) -> Vec<Decision> {
        let start = self.now;
        let tick_s = self.times.tick_s;
        (0..seconds / tick_s)
            .map(|_| {
                (0..tick_s).for_each(|_| self.step(load_per_s(self.now - start)));
                let (decision, next) = decide(policy, std::mem::take(state), &self.observe());
                *state = next;
                if let Some(desired) = decision.desired {
                    self.set_desired(desired);
                }
                decision
            })
            .collect()
    }
}

pub fn actions(decisions: &[Decision]) -> Vec<&Decision> {
    decisions.iter().filter(|d| d.current != d.desired).collect()
}
