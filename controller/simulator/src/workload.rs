//! The load that a run is exposed to: a trace scaled to the plant, with a count of arrivals for each step.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Poisson};

use crate::plant::{Plant, STEP_S, STEPS_PER_MIN};
use crate::trace::Trace;

/// The busy minute that fixes the scale: this quantile of the trace's minutes ...
const BUSY_QUANTILE: f64 = 0.995;
/// ... needs so many instances ...
pub(crate) const BUSY_INSTANCES: f64 = 16.0;
/// ... at this utilisation.
const BUSY_UTILISATION: f64 = 0.7;
/// A trace with fewer requests a minute carries so much counting noise that more of it would be double.
const NOISY_BELOW_PER_MIN: f64 = 300.0;

/// Arrivals step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The trace's name.
    pub name: String,
    /// Which of its realisations this is.
    pub seed: u64,
    /// Requests in each step of [`STEP_S`]; whole minutes.
    pub arrivals: Vec<f64>,
}

impl Workload {
    /// Scales `trace` to `plant` and draws its arrivals: Poisson, unless the trace is itself a thin count.
    pub fn of(trace: &Trace, plant: &Plant, seed: u64) -> Self {
        let minutes = trace.requests_per_min();
        let scale = BUSY_INSTANCES * BUSY_UTILISATION * plant.capacity_per_s() * 60.0
            / quantile(&minutes, BUSY_QUANTILE).max(1.0);
        let noisy = mean(&minutes) < NOISY_BELOW_PER_MIN;
        let steps_per_bin = trace.bin_s as usize / STEP_S as usize;
        let mut random = StdRng::seed_from_u64(seed);
        let mut arrivals = Vec::with_capacity(trace.requests.len() * steps_per_bin);
        for requests in &trace.requests {
            let expected = *requests as f64 * scale / steps_per_bin as f64;
            arrivals.extend(
                (0..steps_per_bin).map(|_| if noisy { expected } else { poisson(expected, &mut random) }),
            );
        }
        arrivals.truncate(arrivals.len() / STEPS_PER_MIN * STEPS_PER_MIN);
        Self { name: trace.name.clone(), seed, arrivals }
    }

    /// The requests of `trace` as they were counted, spread evenly over each bin. They carry the noise of counting
    /// already; the seed is that of the boots.
    pub fn recorded(trace: &Trace, seed: u64) -> Self {
        let steps_per_bin = trace.bin_s as usize / STEP_S as usize;
        let steps =
            |requests: &u64| std::iter::repeat_n(*requests as f64 / steps_per_bin as f64, steps_per_bin);
        let mut arrivals: Vec<f64> = trace.requests.iter().flat_map(steps).collect();
        arrivals.truncate(arrivals.len() / STEPS_PER_MIN * STEPS_PER_MIN);
        Self { name: trace.name.clone(), seed, arrivals }
    }

    /// The length in days.
    pub fn days(&self) -> f64 {
        self.arrivals.len() as f64 * STEP_S / 86_400.0
    }

    /// The steps of each minute.
    pub fn minutes(&self) -> std::slice::ChunksExact<'_, f64> {
        self.arrivals.chunks_exact(STEPS_PER_MIN)
    }

    /// Requests per second, on average over the first ten minutes.
    pub fn initial_per_s(&self) -> f64 {
        mean(&self.arrivals[..self.arrivals.len().min(10 * STEPS_PER_MIN)]) / STEP_S
    }
}

fn poisson(expected: f64, random: &mut StdRng) -> f64 {
    // An expectation of nothing has no distribution, and needs none.
    Poisson::new(expected).map_or(0.0, |distribution| distribution.sample(random))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The quantile with linear interpolation between the neighbouring order statistics.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(requests: Vec<u64>) -> Trace {
        Trace { name: "load".to_owned(), bin_s: 60, requests }
    }

    #[test]
    fn the_busy_minute_needs_16_instances_at_70_percent() {
        let workload = Workload::of(&trace(vec![200; 100]), &Plant::default(), 1);
        let expected = 16.0 * 0.7 * 20.0 * STEP_S;
        assert!(workload.arrivals.iter().all(|arrived| (arrived - expected).abs() < 1e-9));
    }

    #[test]
    fn arrivals_are_poisson_unless_the_trace_is_a_thin_count() {
        let workload = Workload::of(&trace(vec![1000; 1000]), &Plant::default(), 1);
        let expected = 16.0 * 0.7 * 20.0 * STEP_S;
        let squares: Vec<f64> = workload.arrivals.iter().map(|a| (a - expected).powi(2)).collect();
        assert!((mean(&workload.arrivals) / expected - 1.0).abs() < 0.002);
        assert!((mean(&squares) / expected - 1.0).abs() < 0.06);
    }

    #[test]
    fn a_seed_gives_its_arrivals_again_and_another_gives_others() {
        let (trace, plant) = (trace(vec![1000; 10]), Plant::default());
        assert_eq!(Workload::of(&trace, &plant, 1), Workload::of(&trace, &plant, 1));
        assert_ne!(Workload::of(&trace, &plant, 1).arrivals, Workload::of(&trace, &plant, 2).arrivals);
    }

    #[test]
    fn recorded_requests_are_all_there_and_no_more() {
        let workload = Workload::recorded(&trace(vec![60, 120, 7]), 1);
        assert_eq!(workload.arrivals[..7], [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 20.0]);
        assert!((workload.arrivals.iter().sum::<f64>() - 187.0).abs() < 1e-9);
    }

    #[test]
    fn the_quantile_interpolates() {
        assert!((quantile(&[4.0, 1.0, 2.0, 3.0], 0.5) - 2.5).abs() < 1e-12);
    }
}
