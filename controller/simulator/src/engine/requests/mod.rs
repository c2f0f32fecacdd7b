//! The exact engine: every request arrives, is sent to an instance, waits for a slot, is served and leaves.

mod departure;
mod servers;
mod service;
#[cfg(test)]
mod tests;

use std::collections::BinaryHeap;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::engine::{Engine, Served};
use crate::fleet::Instance;
use crate::plant::{Plant, STEP_S};
use departure::Departure;
use servers::Servers;
use service::{ServiceTime, exponential};

/// Instances with slots, first come first served.
#[derive(Debug)]
pub struct Requests<'a> {
    plant: &'a Plant,
    service: ServiceTime,
    random: SmallRng,
    servers: Servers<'a>,
    departures: BinaryHeap<Departure>,
    /// The part of a request that the last step was short of a whole one.
    carried: f64,
    arrivals_s: Vec<f64>,
    responses_s: Vec<f64>,
    events: u64,
}

impl<'a> Requests<'a> {
    /// An engine without requests.
    pub fn new(plant: &'a Plant, seed: u64) -> Self {
        Self {
            plant,
            service: ServiceTime::of(plant),
            random: SmallRng::seed_from_u64(seed),
            servers: Servers::none(plant),
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

    /// A request arrives; returns what the step has to count of it.
    fn arrive(&mut self, at: f64) -> Served {
        self.events += 1;
        let lost = Served { completed: 0.0, lost: 1.0, slow: 1.0 };
        let Some(place) = self.servers.route(&mut self.random) else { return lost };
        let service_s = self.service.draw(&mut self.random);
        let Some(leaves_at) = self.servers.serve(place, at, service_s) else { return lost };
        let response_s = leaves_at - at;
        self.departures.push(Departure { at: leaves_at, response_s, server: place });
        Served { slow: f64::from(u8::from(response_s > self.plant.objective_s)), ..Served::default() }
    }

    /// The responses until `now` leave.
    fn depart(&mut self, now: f64, served: &mut Served) {
        while self.departures.peek().is_some_and(|departure| departure.at <= now) {
            let Some(Departure { at, response_s, server }) = self.departures.pop() else { return };
            self.events += 1;
            if self.servers.answer(server, at) {
                served.completed += 1.0;
                self.responses_s.push(response_s);
            } else {
                served.lost += 1.0;
                // One that took longer than the objective was counted as slow when it arrived.
                served.slow += f64::from(u8::from(response_s <= self.plant.objective_s));
            }
        }
    }
}

impl Engine for Requests<'_> {
    fn serve(&mut self, now: f64, arrived: f64, instances: &[Instance]) -> Served {
        self.servers.register(now, instances);
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
