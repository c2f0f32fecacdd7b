//! The fast engine: response times by formula, the backlog as a fluid.

use crate::engine::{Engine, Served};
use crate::fleet::Instance;
use crate::plant::{Plant, Routing, STEP_S};
use crate::response::{Response, Service};

/// The response times of one step.
#[derive(Clone, Copy, Debug)]
struct Part {
    requests: f64,
    response: Response,
    delay_s: f64,
}

/// Instances as Erlang's stations, with a common backlog where they are overloaded.
#[derive(Debug)]
pub struct Fluid<'a> {
    plant: &'a Plant,
    service: Service,
    /// The p95 of a request that never waits, below which no p95 can be.
    least_p95_s: f64,
    backlog: f64,
    parts: Vec<Part>,
}

impl<'a> Fluid<'a> {
    /// An engine without a backlog.
    pub fn new(plant: &'a Plant) -> Self {
        let service = Service::new(plant.service_s, plant.service_cv);
        let alone = Part { requests: 1.0, response: service.response(plant.slots, 0.0), delay_s: 0.0 };
        let least_p95_s = p95_s(&[alone], 0.0).unwrap_or(0.0);
        Self { plant, service, least_p95_s, backlog: 0.0, parts: Vec::new() }
    }

    /// The requests of the step, those that are lost left out, as a part of the mixture of response times.
    pub(crate) fn serve_by(&mut self, arrived: f64, instances: u32) -> Served {
        let capacity_per_s = f64::from(instances) * self.plant.capacity_per_s();
        let capacity = capacity_per_s * STEP_S;
        let waiting = self.backlog + arrived;
        let completed = waiting.min(capacity);
        let after = (waiting - completed).min(capacity_per_s * self.plant.patience_s);
        let lost = waiting - completed - after;
        let before = std::mem::replace(&mut self.backlog, after);
        let accepted = (arrived - lost).max(0.0);
        if accepted > 0.0 {
            self.parts.push(Part {
                requests: accepted,
                response: self.service.response(self.slots(instances), arrived / capacity),
                delay_s: f64::midpoint(before, after) / capacity_per_s,
            });
        }
        let slow = self.parts.last().map_or(0.0, |part| accepted * part.slower_than(self.plant.objective_s));
        Served { completed, lost, slow: slow + arrived - accepted }
    }

    /// The slots that a request may take: those of its instance, or, where it is sent to the fewest outstanding, in
    /// effect any of the fleet's. (The bound of that routing: a request never waits while a slot is free.)
    fn slots(&self, instances: u32) -> u32 {
        match self.plant.routing {
            Routing::Random | Routing::RoundRobin => self.plant.slots,
            Routing::LeastOutstanding => self.plant.slots * instances,
        }
    }
}

impl Engine for Fluid<'_> {
    fn serve(&mut self, _now: f64, arrived: f64, instances: &[Instance]) -> Served {
        self.serve_by(arrived, instances.len() as u32)
    }

    fn take_p95_s(&mut self) -> Option<f64> {
        let p95_s = p95_s(&self.parts, 0.99 * self.least_p95_s);
        self.parts.clear();
        p95_s
    }
}

impl Part {
    fn slower_than(&self, t_s: f64) -> f64 {
        self.response.slower_than(t_s - self.delay_s)
    }
}

/// The time that 5 % of the mixture's requests exceed, to a millisecond: by regula falsi on the logarithm of the
/// share, which is nearly straight (Dowell and Jarratt's Illinois variant).
fn p95_s(parts: &[Part], at_least_s: f64) -> Option<f64> {
    const SHARE: f64 = 0.05;
    let requests: f64 = parts.iter().map(|part| part.requests).sum();
    if requests <= 0.0 {
        return None;
    }
    let excess = |t_s: f64| {
        let slower: f64 = parts.iter().map(|part| part.requests * part.slower_than(t_s)).sum();
        (slower / requests / SHARE).ln()
    };
    let at = |t_s: f64| (t_s, excess(t_s));
    let (mut low, mut high) = (at(at_least_s), at(at_least_s + 0.1));
    while high.1 > 0.0 {
        (low, high) = (high, at(at_least_s + 2.0 * (high.0 - at_least_s)));
    }
    while high.0 - low.0 > 1e-3 {
        let middle = at(low.0 + (high.0 - low.0) * low.1 / (low.1 - high.1));
        if middle.1.abs() < 1e-3 {
            return Some(middle.0);
        }
        if middle.1 > 0.0 {
            (low, high.1) = (middle, high.1 / 2.0);
        } else {
            (high, low.1) = (middle, low.1 / 2.0);
        }
    }
    Some(high.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(per_s: &[f64], instances: u32) -> (Vec<Served>, f64) {
        let plant = Plant::default();
        let mut fluid = Fluid::new(&plant);
        let served = per_s.iter().map(|per_s| fluid.serve_by(per_s * STEP_S, instances)).collect();
        (served, fluid.take_p95_s().unwrap())
    }

    #[test]
    fn the_p95_is_the_formulas() {
        let (_, p95_s) = served(&[140.0; 6], 10);
        let response = Service::new(0.4, 1.0).response(8, 0.7);
        assert!((response.slower_than(p95_s) - 0.05).abs() < 2e-4);
    }

    #[test]
    fn the_p95_of_a_mixture_lies_between_those_of_its_parts() {
        let p95_s = |per_s: &[f64]| served(per_s, 1).1;
        let (calm, busy, both) = (p95_s(&[4.0]), p95_s(&[19.2]), p95_s(&[4.0, 19.2]));
        assert!(calm < both && both < busy);
    }

    #[test]
    fn a_minute_violates_when_more_than_a_twentieth_is_slow() {
        for per_s in [18.0, 18.8, 18.9, 19.0, 19.4, 22.0] {
            let (served, p95_s) = served(&[per_s; 6], 1);
            let slow: f64 = served.iter().map(|s| s.slow).sum();
            assert_eq!(slow > 0.05 * per_s * 60.0, p95_s > 3.0, "at {per_s} requests a second");
        }
    }

    #[test]
    fn nothing_is_served_twice_or_forgotten() {
        let arrived = [10.0, 60.0, 90.0, 300.0, 0.0, 0.0, 0.0];
        let plant = Plant::default();
        let mut fluid = Fluid::new(&plant);
        let served: Vec<Served> = arrived.iter().map(|per_s| fluid.serve_by(per_s * STEP_S, 2)).collect();
        let gone: f64 = served.iter().map(|s| s.completed + s.lost).sum();
        assert!((arrived.iter().sum::<f64>() * STEP_S - gone - fluid.backlog).abs() < 1e-9);
        assert!(served.iter().any(|s| s.lost > 0.0));
    }

    #[test]
    fn a_fleet_of_none_loses_everything() {
        let (served, _) = served(&[5.0, 5.0], 1);
        assert!(served[0].lost.abs() < 1e-9);
        let plant = Plant::default();
        let lost = Fluid::new(&plant).serve_by(50.0, 0);
        assert_eq!(lost, Served { completed: 0.0, lost: 50.0, slow: 50.0 });
    }
}
