//! What the world is told, and when: periods of metrics, each visible some time after its end.

use std::collections::VecDeque;

use scaling::Datapoint;

use crate::engine::Served;
use crate::plant::{Metrics, Plant, STEP_S};

/// Sums over the current period, and the periods that are on their way.
#[derive(Debug)]
pub struct Publisher {
    metrics: Metrics,
    capacity_per_s: f64,
    cpu_at_capacity_percent: f64,
    sums: Sums,
    under_way: VecDeque<Datapoint>,
}

#[derive(Debug, Default)]
struct Sums {
    steps: f64,
    arrived: f64,
    completed: f64,
    lost: f64,
    serving: f64,
    in_service: f64,
}

impl Publisher {
    /// A publisher of a plant's fleet.
    pub fn of(plant: &Plant) -> Self {
        Self {
            metrics: plant.metrics,
            capacity_per_s: plant.capacity_per_s(),
            cpu_at_capacity_percent: plant.cpu_at_capacity_percent,
            sums: Sums::default(),
            under_way: VecDeque::new(),
        }
    }

    /// Adds the step that began at `now` (seconds), with the instances that served and those in service by their
    /// state. At a period's end, `p95_s` is asked for the period's.
    pub fn record(
        &mut self,
        now: f64,
        arrived: f64,
        served: Served,
        (serving, in_service): (usize, usize),
        p95_s: impl FnOnce() -> Option<f64>,
    ) {
        self.sums.steps += 1.0;
        self.sums.arrived += arrived;
        self.sums.completed += served.completed;
        self.sums.lost += served.lost;
        self.sums.serving += serving as f64;
        self.sums.in_service += in_service as f64;
        if self.sums.steps * STEP_S >= self.metrics.period_s {
            let sums = std::mem::take(&mut self.sums);
            let started_at = now + STEP_S - self.metrics.period_s;
            self.under_way.push_back(self.datapoint(started_at, &sums, p95_s()));
        }
    }

    /// The datapoints that have become visible by `now`, each told once.
    pub fn take_visible(&mut self, now: f64) -> Vec<Datapoint> {
        let delay_s = self.metrics.delay_s;
        let visible = self.under_way.iter().take_while(|d| d.ended_at() + delay_s <= now).count();
        self.under_way.drain(..visible).collect()
    }

    fn datapoint(&self, at: f64, sums: &Sums, latency_p95_s: Option<f64>) -> Datapoint {
        let period_s = self.metrics.period_s;
        let capacity = sums.serving * self.capacity_per_s * STEP_S;
        Datapoint {
            at,
            period_s,
            requests_per_s: Some(sums.arrived / period_s),
            latency_p95_s,
            samples: Some(sums.completed),
            failed_per_s: Some(sums.lost / period_s),
            cpu_percent: (capacity > 0.0).then(|| self.cpu_at_capacity_percent * sums.completed / capacity),
            in_service: Some(sums.in_service / sums.steps),
            healthy: Some(sums.serving / sums.steps),
            ..Datapoint::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_seen_a_minute_after_its_end_and_once() {
        let mut publisher = Publisher::of(&Plant::default());
        let served = Served { completed: 100.0, lost: 6.0, slow: 0.0 };
        for step in 0..6 {
            publisher.record(f64::from(step) * STEP_S, 106.0, served, (1, 1), || Some(1.3));
        }
        assert!(publisher.take_visible(119.0).is_empty());
        let seen = publisher.take_visible(120.0);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].at, seen[0].requests_per_s), (0.0, Some(10.6)));
        assert_eq!((seen[0].cpu_percent, seen[0].failed_per_s), (Some(50.0), Some(0.6)));
        assert!(publisher.take_visible(180.0).is_empty());
    }

    #[test]
    fn a_short_period_is_seen_early() {
        let metrics = Metrics { period_s: 10.0, delay_s: 10.0 };
        let mut publisher = Publisher::of(&Plant { metrics, ..Plant::default() });
        publisher.record(50.0, 1.0, Served::default(), (1, 1), || None);
        let seen = publisher.take_visible(70.0);
        assert_eq!(seen.iter().map(|d| d.at).collect::<Vec<_>>(), vec![50.0]);
    }
}
