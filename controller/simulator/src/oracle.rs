//! The best that could have been done by someone who knew every arrival beforehand.

use crate::engine::Fluid;
use crate::plant::{Plant, STEP_S, STEPS_PER_MIN};
use crate::workload::Workload;

/// The oracle's knowledge of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Oracle {
    /// For each minute, the fewest instances for which that minute alone keeps the objective, within the bounds.
    pub need: Vec<u32>,
    /// What the cheapest fleet that always meets the need is billed, in instance-seconds.
    pub instance_s: f64,
}

impl Oracle {
    /// Looks at every minute of the workload.
    pub fn of(plant: &Plant, workload: &Workload) -> Self {
        let need: Vec<u32> = workload.minutes().map(|steps| need(plant, steps)).collect();
        let levels = 1..=*plant.bounds.end();
        let instance_s = levels.map(|level| level_s(plant, &need, level)).sum();
        Self { need, instance_s }
    }

    /// The cost in instance-hours.
    pub fn instance_hours(&self) -> f64 {
        self.instance_s / 3600.0
    }
}

/// More instances never make a minute slower, so the fewest are found by halving.
fn need(plant: &Plant, steps: &[f64]) -> u32 {
    let (mut low, mut high) = (*plant.bounds.start(), *plant.bounds.end());
    while low < high {
        let middle = u32::midpoint(low, high);
        if keeps_objective(plant, steps, middle) { high = middle } else { low = middle + 1 }
    }
    high
}

fn keeps_objective(plant: &Plant, steps: &[f64], instances: u32) -> bool {
    let mut fluid = Fluid::new(plant);
    let slow: f64 = steps.iter().map(|arrived| fluid.serve_by(*arrived, instances).slow).sum();
    slow <= 0.05 * steps.iter().sum::<f64>()
}

/// The cost of the fleet's `level`-th instance: it is there in every minute that needs as many, and stays in between
/// where that is shorter than draining it and booting another. Each later launch is timed exactly.
fn level_s(plant: &Plant, need: &[u32], level: u32) -> f64 {
    const MIN_S: f64 = STEP_S * STEPS_PER_MIN as f64;
    let relaunch_s = plant.boot.mean_s() + plant.drain_s;
    let needed: Vec<usize> = (0..need.len()).filter(|minute| need[*minute] >= level).collect();
    let (Some(first), Some(last)) = (needed.first(), needed.last()) else { return 0.0 };
    let gaps = needed.windows(2).map(|pair| ((pair[1] - pair[0] - 1) as f64 * MIN_S).min(relaunch_s));
    let boot_s = if *first == 0 { 0.0 } else { plant.boot.mean_s() };
    let drain_s = if *last + 1 == need.len() { 0.0 } else { plant.drain_s };
    boot_s + needed.len() as f64 * MIN_S + gaps.sum::<f64>() + drain_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_needs_as_many_instances_as_keep_it_below_the_cliff() {
        let plant = Plant::default();
        let need = |per_s: f64| need(&plant, &[per_s * STEP_S; 6]);
        assert_eq!((need(0.0), need(37.0), need(39.0), need(94.0), need(95.5)), (2, 2, 3, 5, 6));
        assert_eq!(need(10_000.0), 40);
    }

    #[test]
    fn a_short_gap_is_bridged_and_a_long_one_relaunched() {
        let plant = Plant::default();
        let cost = |gap: usize| {
            let need = [vec![2], vec![3], vec![2; gap], vec![3], vec![2]].concat();
            level_s(&plant, &need, 3) - 2.0 * 60.0
        };
        let relaunch_s = plant.boot.mean_s() + 60.0;
        assert!((cost(3) - 180.0 - relaunch_s).abs() < 1e-9);
        assert!((cost(4) - 2.0 * relaunch_s).abs() < 1e-9);
    }

    #[test]
    fn the_minimum_is_always_there() {
        assert!((level_s(&Plant::default(), &[2; 60], 2) - 3600.0).abs() < 1e-9);
    }
}
