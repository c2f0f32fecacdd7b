//! The exact engine: every request arrives, is sent to an instance, waits for a slot, is served and leaves.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, LogNormal};

use crate::engine::{Engine, Served};
use crate::fleet::Instance;
use crate::plant::{Plant, Routing, STEP_S};

/// Instances with slots, first come first served.
#[derive(Debug)]
pub struct Requests<'a> {
    plant: &'a Plant,
    service: ServiceTime,
    random: SmallRng,
    servers: Vec<Server>,
    /// The places in `servers` that the load balancer may send to.
    targets: Vec<usize>,
    next_target: usize,
    departures: BinaryHeap<Departure>,
    /// The part of a request that the last step was short of a whole one.
    carried: f64,
    arrivals_s: Vec<f64>,
    responses_s: Vec<f64>,
    events: u64,
}

/// An instance as the load balancer knows it.
#[derive(Debug)]
struct Server {
    index: u64,
    /// When each slot is free, as far as requests have been promised to it.
    free_at: Vec<f64>,
    outstanding: u32,
    /// The end of its draining, once it leaves. What is not answered by then is lost.
    gone_at: Option<f64>,
}

/// A response on its way, known from the request's arrival on, as service is first come first served.
#[derive(Debug)]
struct Departure {
    at: f64,
    response_s: f64,
    server: usize,
}

#[derive(Debug)]
enum ServiceTime {
    Exponential { mean_s: f64 },
    LogNormal(LogNormal<f64>),
}

impl<'a> Requests<'a> {
    /// An engine without requests.
    pub fn new(plant: &'a Plant, seed: u64) -> Self {
        Self {
            plant,
            service: ServiceTime::of(plant),
            random: SmallRng::seed_from_u64(seed),
            servers: Vec::new(),
            targets: Vec::new(),
            next_target: 0,
            departures: BinaryHeap::new(),
            carried: 0.0,
            arrivals_s: Vec::new(),
            responses_s: Vec::new(),
            events: 0,
        }
    }

    /// Arrivals and departures so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Registers the instances that are new, and lets those drain that are not there any more.
    fn register(&mut self, now: f64, instances: &[Instance]) {
        let known = self.targets.iter().map(|place| self.servers[*place].index);
        if known.eq(instances.iter().map(|instance| instance.index)) {
            return;
        }
        for place in std::mem::take(&mut self.targets) {
            let server = &mut self.servers[place];
            if instances.iter().all(|instance| instance.index != server.index) {
                server.gone_at = Some(now + self.plant.drain_s);
            }
        }
        self.targets = instances.iter().map(|instance| self.place_of(instance.index)).collect();
    }

    fn place_of(&mut self, index: u64) -> usize {
        if let Some(place) = self.servers.iter().position(|s| s.index == index && s.gone_at.is_none()) {
            return place;
        }
        let server =
            Server { index, free_at: vec![0.0; self.plant.slots as usize], outstanding: 0, gone_at: None };
        match self.servers.iter().position(|s| s.gone_at.is_some() && s.outstanding == 0) {
            Some(place) => self.servers[place] = server,
            None => self.servers.push(server),
        }
        self.servers.iter().position(|s| s.index == index && s.gone_at.is_none()).unwrap_or(0)
    }

    /// The instants of the step's arrivals: those of a Poisson process that has so many, which is a sum of
    /// exponential gaps stretched to the step.
    fn draw_arrivals(&mut self, now: f64, arrived: f64) {
        let exact = arrived + self.carried;
        self.carried = exact.fract();
        self.arrivals_s.clear();
        let mut at = 0.0;
        for _ in 0..exact as u64 {
            at += exponential(&mut self.random);
            self.arrivals_s.push(at);
        }
        at += exponential(&mut self.random);
        let stretch = STEP_S / at;
        self.arrivals_s.iter_mut().for_each(|arrival| *arrival = now + *arrival * stretch);
    }

    fn route(&mut self) -> Option<usize> {
        let count = self.targets.len();
        if count == 0 {
            return None;
        }
        self.next_target = (self.next_target + 1) % count;
        match self.plant.routing {
            Routing::Random => Some(self.targets[self.random.random_range(0..count)]),
            Routing::RoundRobin => Some(self.targets[self.next_target]),
            Routing::LeastOutstanding => {
                // From a place that moves on, so that those with equally few take turns.
                let (before, after) = self.targets.split_at(self.next_target);
                let in_turn = after.iter().chain(before).copied();
                in_turn.min_by_key(|place| self.servers[*place].outstanding)
            }
        }
    }

    /// A request arrives; returns what the step has to count of it.
    fn arrive(&mut self, at: f64) -> Served {
        self.events += 1;
        let lost = Served { completed: 0.0, lost: 1.0, slow: 1.0 };
        let Some(place) = self.route() else { return lost };
        let server = &mut self.servers[place];
        let Some(free_at) = server.free_at.iter_mut().min_by(|a, b| a.total_cmp(b)) else { return lost };
        let starts_at = free_at.max(at);
        if starts_at - at > self.plant.patience_s {
            return lost;
        }
        let leaves_at = starts_at + self.service.draw(&mut self.random);
        *free_at = leaves_at;
        server.outstanding += 1;
        let response_s = leaves_at - at;
        self.departures.push(Departure { at: leaves_at, response_s, server: place });
        Served { slow: f64::from(u8::from(response_s > self.plant.objective_s)), ..Served::default() }
    }

    /// The responses until `now` leave.
    fn depart(&mut self, now: f64, served: &mut Served) {
        while self.departures.peek().is_some_and(|departure| departure.at <= now) {
            let Some(Departure { at, response_s, server }) = self.departures.pop() else { return };
            self.events += 1;
            self.servers[server].outstanding -= 1;
            if self.servers[server].gone_at.is_some_and(|gone_at| at > gone_at) {
                served.lost += 1.0;
                // One that took longer than the objective was counted as slow when it arrived.
                served.slow += f64::from(u8::from(response_s <= self.plant.objective_s));
            } else {
                served.completed += 1.0;
                self.responses_s.push(response_s);
            }
        }
    }
}

impl Engine for Requests<'_> {
    fn serve(&mut self, now: f64, arrived: f64, instances: &[Instance]) -> Served {
        self.register(now, instances);
        self.draw_arrivals(now, arrived);
        let mut served = Served::default();
        let arrivals_s = std::mem::take(&mut self.arrivals_s);
        for at in &arrivals_s {
            self.depart(*at, &mut served);
            let of_request = self.arrive(*at);
            served.lost += of_request.lost;
            served.slow += of_request.slow;
        }
        self.arrivals_s = arrivals_s;
        self.depart(now + STEP_S, &mut served);
        served
    }

    fn take_p95_s(&mut self) -> Option<f64> {
        let place = (self.responses_s.len() * 95 / 100).min(self.responses_s.len().checked_sub(1)?);
        let (_, p95_s, _) = self.responses_s.select_nth_unstable_by(place, f64::total_cmp);
        let p95_s = *p95_s;
        self.responses_s.clear();
        Some(p95_s)
    }
}

impl ServiceTime {
    /// Exponential, or lognormal where the coefficient of variation is not 1.
    fn of(plant: &Plant) -> Self {
        let exponential = Self::Exponential { mean_s: plant.service_s };
        if (plant.service_cv - 1.0).abs() < 1e-9 {
            return exponential;
        }
        LogNormal::from_mean_cv(plant.service_s, plant.service_cv).map_or(exponential, Self::LogNormal)
    }

    fn draw(&self, random: &mut SmallRng) -> f64 {
        match self {
            Self::Exponential { mean_s } => mean_s * exponential(random),
            Self::LogNormal(distribution) => distribution.sample(random),
        }
    }
}

/// An exponential draw of mean 1.
fn exponential(random: &mut SmallRng) -> f64 {
    Exp1.sample(random)
}

/// The earliest departure is the greatest, as the heap gives the greatest first.
impl Ord for Departure {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at)
    }
}

impl PartialOrd for Departure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Departure {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Departure {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Service;

    fn instances(count: u64) -> Vec<Instance> {
        (0..count).map(|index| Instance { index, launched_at: 0.0, ready_at: 0.0 }).collect()
    }

    fn run(plant: &Plant, per_s: f64, steps: u32, instances: &[Instance]) -> (Served, f64) {
        let mut engine = Requests::new(plant, 3);
        let mut random = SmallRng::seed_from_u64(4);
        let poisson = rand_distr::Poisson::new(per_s * STEP_S).unwrap();
        let mut sum = Served::default();
        for step in 0..steps {
            let arrived = poisson.sample(&mut random);
            let served = engine.serve(f64::from(step) * STEP_S, arrived, instances);
            sum.completed += served.completed;
            sum.lost += served.lost;
            sum.slow += served.slow;
        }
        (sum, engine.take_p95_s().unwrap())
    }

    #[test]
    fn a_pool_answers_as_erlangs_formulas_say() {
        let plant = Plant::default();
        for (utilisation, tolerance) in [(0.5, 0.02), (0.8, 0.02), (0.9, 0.05)] {
            let (served, p95_s) = run(&plant, 20.0 * utilisation, 20_000, &instances(1));
            let response = Service::new(0.4, 1.0).response(8, utilisation);
            assert!((response.slower_than(p95_s) / 0.05 - 1.0).abs() < 5.0 * tolerance, "p95 {p95_s} s");
            let slow = served.slow / served.completed / response.slower_than(3.0);
            assert!((slow - 1.0).abs() < 6.0 * tolerance, "{slow} of the formula's slow share");
        }
    }

    #[test]
    fn the_even_routings_wait_less_and_the_fewest_outstanding_least() {
        let p95_s = |routing| {
            let plant = Plant { routing, ..Plant::default() };
            run(&plant, 5.0 * 20.0 * 0.9, 3_000, &instances(5)).1
        };
        let [random, round_robin, least] =
            [Routing::Random, Routing::RoundRobin, Routing::LeastOutstanding].map(p95_s);
        assert!(least < round_robin && round_robin < random, "{least}, {round_robin}, {random} s");
    }

    #[test]
    fn a_service_that_varies_more_is_slower_at_the_same_load() {
        let varied = Plant { service_cv: 1.5, ..Plant::default() };
        let (usual, varied) = (
            run(&Plant::default(), 18.0, 5_000, &instances(1)).1,
            run(&varied, 18.0, 5_000, &instances(1)).1,
        );
        assert!(varied > usual);
    }

    #[test]
    fn every_request_is_answered_or_lost() {
        let plant = Plant::default();
        let mut engine = Requests::new(&plant, 1);
        let (mut gone, mut arrived) = (0.0, 0.0);
        for step in 0..100 {
            let now = f64::from(step) * STEP_S;
            let requests = if step < 30 { 1234.5 } else { 0.0 };
            let served = engine.serve(now, requests, &instances(if step < 20 { 4 } else { 2 }));
            arrived += requests;
            gone += served.completed + served.lost;
        }
        assert!((arrived - gone - engine.carried).abs() < 1e-6);
    }

    #[test]
    fn a_target_that_drains_finishes_what_it_can_and_the_rest_is_lost() {
        let plant = Plant { drain_s: 5.0, ..Plant::default() };
        let mut engine = Requests::new(&plant, 1);
        // Forty seconds' work for each of two instances; then one leaves, with five seconds to finish.
        engine.serve(0.0, 1600.0, &instances(2));
        let after: Vec<Served> =
            (1..6).map(|i| engine.serve(f64::from(i) * STEP_S, 0.0, &instances(1))).collect();
        let lost: f64 = after.iter().map(|served| served.lost).sum();
        assert!((450.0..550.0).contains(&lost), "{lost} lost");
    }

    #[test]
    fn nobody_there_means_all_is_lost() {
        let plant = Plant::default();
        let served = Requests::new(&plant, 1).serve(0.0, 7.0, &[]);
        assert_eq!(served, Served { completed: 0.0, lost: 7.0, slow: 7.0 });
    }
}
