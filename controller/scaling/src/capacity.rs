//! What one instance can serve, learned from what the fleet was seen to do.
//!
//! Three sources, each with its own trust:
//! - **saturation**: while the p95 is above the objective and requests pile up, responses per instance *are* the
//!   capacity. The truest source, and the dearest.
//! - **utilisation**: by the utilisation law U = X S (Denning and Buzen, 1978) an instance that serves X requests
//!   per second at CPU utilisation U would serve X / U at full use. Known long before saturation.
//! - **proof**: a rate that was served while the p95 kept the objective is a lower bound.

use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::observation::Datapoint;

/// Below this CPU the ratio X / U is mostly the operating system's own background.
const LEAST_CPU_PERCENT: f64 = 15.0;
/// Weight of a new utilisation estimate: about ten datapoints of memory.
const UTILISATION_WEIGHT: f64 = 0.1;
/// Weight of a saturation estimate below the known one. A partial period or a slow minute lowers the estimate a
/// little; only a lasting change lowers it all the way.
const LOWER_WEIGHT: f64 = 0.2;
/// Requests pile up when arrivals exceed responses by more than the noise of a period.
const PILING_UP: f64 = 1.1;
/// Demand that changes by no more than this share, from period to period and from request to response, is steady.
const STEADY: f64 = 0.25;
/// At this CPU and above it is the CPU that ends first.
const FULL_CPU_PERCENT: f64 = 90.0;
/// Instances that wait at less CPU than this wait for something else than themselves, a database perhaps.
const BUSY_CPU_PERCENT: f64 = 60.0;
/// A p95 up to this share of the objective proves that the rate is served well.
const PROOF_SHARE: f64 = 0.8;

/// What one instance serves, in requests per second, by each source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    saturated: Option<f64>,
    utilised: Option<f64>,
    proven: Option<f64>,
}

impl Capacity {
    /// Learns from one datapoint; `history` tells what came before it.
    ///
    /// Only from a period in which the fleet was what it was in the one before, and nothing failed: instances that
    /// came or went served a part of it, and an error is not a service.
    pub(crate) fn learn(&mut self, datapoint: &Datapoint, history: &History, objective_p95_s: f64) {
        let Some(before) = history.before(datapoint.at).filter(|_| !datapoint.failing()) else { return };
        let Some(pair) = Pair::of(before, datapoint) else { return };
        let is_slow = |d: &Datapoint| d.latency_p95_s.is_some_and(|p95_s| p95_s > objective_p95_s);
        let is_fast = datapoint.latency_p95_s.is_some_and(|p95_s| p95_s <= PROOF_SHARE * objective_p95_s);
        if pair.is_steady {
            self.learn_utilisation(datapoint, pair.completed_per_s);
        }
        // The first slow period began before the overload did.
        if pair.is_piling_up && is_slow(before) && is_slow(datapoint) {
            self.learn_overload(datapoint, pair.completed_per_s);
        }
        if is_fast && pair.is_steady {
            self.learn_proof(pair.completed_per_s);
        }
    }

    fn learn_utilisation(&mut self, datapoint: &Datapoint, completed_per_s: f64) {
        let Some(cpu) = datapoint.cpu_percent.filter(|cpu| *cpu >= LEAST_CPU_PERCENT) else { return };
        let seen = completed_per_s / (cpu / 100.0).min(1.0);
        let known = self.utilised.unwrap_or(seen);
        self.utilised = positive(known + UTILISATION_WEIGHT * (seen - known));
    }

    /// An overload that the CPU explains is the utilisation law at its end, and believed at once: where service gets
    /// faster again, CPU will tell. Any other is that of a resource which only an overload shows.
    fn learn_overload(&mut self, datapoint: &Datapoint, completed_per_s: f64) {
        match datapoint.cpu_percent {
            Some(cpu) if cpu >= FULL_CPU_PERCENT => {
                self.utilised = positive(completed_per_s / (cpu / 100.0).min(1.0));
            }
            Some(cpu) if cpu < BUSY_CPU_PERCENT => {}
            _ => self.learn_saturation(completed_per_s),
        }
    }

    fn learn_saturation(&mut self, completed_per_s: f64) {
        let known = self.saturated.unwrap_or(completed_per_s);
        let weight = if completed_per_s >= known { 1.0 } else { LOWER_WEIGHT };
        self.saturated = positive(known + weight * (completed_per_s - known));
    }

    /// Serving well at a rate disproves a lower capacity.
    fn learn_proof(&mut self, completed_per_s: f64) {
        if self.saturated.is_some_and(|known| completed_per_s > known) {
            self.saturated = Some(completed_per_s);
        }
        let known = self.proven.unwrap_or(0.0);
        let weight = if completed_per_s >= known { 1.0 } else { 0.01 };
        self.proven = positive(known + weight * (completed_per_s - known));
    }

    /// The capacity of one instance in requests per second, if there is ground for a number.
    ///
    /// The lower of saturation and utilisation, since whichever resource ends first is the limit; never below
    /// what has been proven. Where only `configured` is known, that.
    pub fn per_instance_per_s(&self, configured: Option<f64>) -> Option<f64> {
        let measured = match (self.saturated, self.utilised) {
            (Some(saturated), Some(utilisation)) => Some(saturated.min(utilisation)),
            (saturated, utilisation) => saturated.or(utilisation),
        };
        let estimate = measured.or(configured)?;
        Some(estimate.max(self.proven.unwrap_or(0.0)))
    }

    /// Forgets what cannot have been measured.
    pub(crate) fn prune(&mut self) {
        for learned in [&mut self.saturated, &mut self.utilised, &mut self.proven] {
            *learned = learned.and_then(positive);
        }
    }
}

/// A rate that a division may rely on.
fn positive(rate_per_s: f64) -> Option<f64> {
    (rate_per_s.is_finite() && rate_per_s > 1e-6).then_some(rate_per_s)
}

/// Two periods in a row that the same instances served.
struct Pair {
    /// Responses per second per instance, in the later one.
    completed_per_s: f64,
    /// The demand was much the same. Where it jumps, responses lag behind the requests that keep instances busy.
    is_steady: bool,
    /// More arrived than was answered.
    is_piling_up: bool,
}

impl Pair {
    fn of(before: &Datapoint, now: &Datapoint) -> Option<Self> {
        let serving = now.serving().filter(|n| n.fract() == 0.0 && before.serving() == Some(*n))?;
        let (arrived, completed) = (now.requests_per_s?, now.completed_per_s()?);
        let change = (arrived - before.requests_per_s?).abs();
        Some(Self {
            completed_per_s: completed / serving,
            is_steady: change <= STEADY * arrived && (arrived - completed).abs() <= STEADY * arrived,
            is_piling_up: arrived > PILING_UP * completed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datapoint(at: f64, arrived: f64, completed: f64, p95_s: f64) -> Datapoint {
        Datapoint {
            at,
            period_s: 10.0,
            requests_per_s: Some(arrived),
            latency_p95_s: Some(p95_s),
            samples: Some(completed * 10.0),
            healthy: Some(2.0),
            ..Datapoint::default()
        }
    }

    fn learned(datapoints: &[Datapoint]) -> Capacity {
        let (mut capacity, mut history) = (Capacity::default(), History::default());
        for d in datapoints {
            history.file(d);
            capacity.learn(d, &history, 3.0);
        }
        capacity
    }

    #[test]
    fn overload_shows_the_capacity() {
        let calm = datapoint(0.0, 30.0, 30.0, 1.0);
        let (partly, wholly) = (datapoint(10.0, 90.0, 35.0, 4.0), datapoint(20.0, 90.0, 40.0, 9.0));
        assert_eq!(learned(&[calm.clone(), partly.clone()]).per_instance_per_s(None), None);
        assert_eq!(learned(&[calm, partly, wholly]).per_instance_per_s(None), Some(20.0));
    }

    #[test]
    fn a_backlog_being_worked_off_says_nothing() {
        let capacity = learned(&[datapoint(0.0, 10.0, 10.0, 1.0), datapoint(10.0, 5.0, 12.0, 5.0)]);
        assert_eq!(capacity.per_instance_per_s(None), None);
    }

    #[test]
    fn a_slow_database_is_not_taken_for_a_lack_of_instances() {
        let balanced = learned(&[datapoint(0.0, 10.0, 10.0, 1.0), datapoint(10.0, 10.0, 10.0, 9.0)]);
        assert_eq!(balanced.per_instance_per_s(None), None);
        let idle = |d: Datapoint| Datapoint { cpu_percent: Some(10.0), ..d };
        let piling =
            learned(&[idle(datapoint(0.0, 90.0, 40.0, 5.0)), idle(datapoint(10.0, 90.0, 40.0, 5.0))]);
        assert_eq!(piling.per_instance_per_s(None), None);
    }

    #[test]
    fn an_overload_of_the_cpu_is_forgotten_when_the_cpu_says_so() {
        let with = |at, arrived, completed, p95_s, cpu| Datapoint {
            cpu_percent: Some(cpu),
            ..datapoint(at, arrived, completed, p95_s)
        };
        let overload = |cpu| [with(0.0, 90.0, 20.0, 9.0, cpu), with(10.0, 90.0, 20.0, 9.0, cpu)];
        let faster = (2..60).map(|i| with(f64::from(i) * 10.0, 16.0, 16.0, 1.0, 40.0));
        let after = |cpu| {
            let all: Vec<_> = overload(cpu).into_iter().chain(faster.clone()).collect();
            learned(&all).per_instance_per_s(None).unwrap().round() as u32
        };
        assert_eq!(learned(&overload(100.0)).per_instance_per_s(None), Some(10.0));
        assert_eq!(after(100.0), 20);
        assert_eq!(after(70.0), 10, "something else than the CPU is full at ten");
    }

    #[test]
    fn cpu_shows_the_capacity_before_saturation_does() {
        let half = |at| Datapoint { cpu_percent: Some(50.0), ..datapoint(at, 20.0, 20.0, 0.5) };
        assert_eq!(learned(&[half(0.0), half(10.0)]).per_instance_per_s(None), Some(20.0));
    }

    #[test]
    fn a_jump_a_changed_fleet_and_errors_teach_nothing() {
        let busy = |at, arrived| Datapoint { cpu_percent: Some(50.0), ..datapoint(at, arrived, 20.0, 0.5) };
        let jump = [busy(0.0, 10.0), busy(10.0, 20.0)];
        let grown = [busy(0.0, 20.0), Datapoint { healthy: Some(3.0), ..busy(10.0, 20.0) }];
        let errors = [busy(0.0, 20.0), Datapoint { failed_per_s: Some(1.0), ..busy(10.0, 20.0) }];
        for datapoints in [jump, grown, errors] {
            assert_eq!(learned(&datapoints).per_instance_per_s(None), None);
        }
    }

    #[test]
    fn one_slow_minute_moves_the_estimate_little_and_service_that_stays_slow_moves_it_all_the_way() {
        let fast = [datapoint(0.0, 90.0, 40.0, 5.0), datapoint(10.0, 90.0, 40.0, 5.0)];
        let slow = |n: i32| (2..2 + n).map(|i| datapoint(f64::from(i) * 10.0, 90.0, 20.0, 9.0));
        let after = |n| {
            let all: Vec<_> = fast.iter().cloned().chain(slow(n)).collect();
            learned(&all).per_instance_per_s(None).unwrap()
        };
        assert!((17.9..=18.1).contains(&after(1)), "{}", after(1));
        assert!(after(20) < 10.2, "{}", after(20));
    }

    #[test]
    fn serving_well_disproves_a_lower_estimate() {
        let wrong = [datapoint(0.0, 20.0, 10.0, 5.0), datapoint(10.0, 20.0, 10.0, 5.0)];
        let well = [datapoint(20.0, 30.0, 30.0, 1.0), datapoint(30.0, 30.0, 30.0, 1.0)];
        let all: Vec<_> = wrong.into_iter().chain(well).collect();
        assert_eq!(learned(&all[..2]).per_instance_per_s(None), Some(5.0));
        assert_eq!(learned(&all).per_instance_per_s(None), Some(15.0));
    }
}
