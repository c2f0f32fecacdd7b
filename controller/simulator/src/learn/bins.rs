//! The minutes that tell how slow an instance is at which load.

use serde::Serialize;

use crate::history::Minute;

/// A minute in which the fleet stood still and no backlog was worked off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Steady {
    pub(super) load_per_s: f64,
    pub(super) p95_s: f64,
    pub(super) cpu_percent: Option<f64>,
}

/// Minutes of about the same load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Requests per second and instance, the mean.
    pub load_per_s: f64,
    /// The median of their p95, in seconds.
    pub p95_s: f64,
    /// How many minutes.
    pub minutes: usize,
}

/// Bins between no load and the highest.
const BINS: f64 = 40.0;
/// A bin of fewer minutes is chance.
const LEAST_MINUTES: usize = 3;

/// The steady minutes: as many instances as in the minutes before and after, and not quieter than a minute before
/// that was slow, whose backlog it would serve.
pub(super) fn steady(minutes: &[Minute]) -> Vec<Steady> {
    let triples = minutes.windows(3).filter(|m| stands_still(m) && !works_off_a_backlog(&m[0], &m[1]));
    let steady = triples.filter_map(|m| {
        let p95_s = m[1].latency_p95_s.filter(|p95_s| *p95_s > 0.0)?;
        Some(Steady { load_per_s: m[1].load_per_s(), p95_s, cpu_percent: m[1].cpu_percent })
    });
    steady.filter(|minute| minute.load_per_s > 0.0).collect()
}

fn stands_still(minutes: &[Minute]) -> bool {
    minutes.iter().all(|minute| (minute.in_service - minutes[1].in_service).abs() < 0.01)
}

fn works_off_a_backlog(before: &Minute, minute: &Minute) -> bool {
    let falls = match (before.latency_p95_s, minute.latency_p95_s) {
        (Some(before_s), Some(now_s)) => now_s < before_s,
        _ => false,
    };
    falls && minute.load_per_s() < 0.98 * before.load_per_s()
}

/// The minutes by rising load, in bins of equal width.
pub(super) fn of(steady: &[Steady]) -> Vec<Bin> {
    let highest = steady.iter().map(|minute| minute.load_per_s).fold(0.0, f64::max);
    let mut bins = vec![Vec::new(); BINS as usize];
    for minute in steady {
        let place = (minute.load_per_s / highest * BINS).ceil().clamp(1.0, BINS);
        bins[place as usize - 1].push(*minute);
    }
    bins.into_iter().filter(|minutes| minutes.len() >= LEAST_MINUTES).map(|minutes| bin(&minutes)).collect()
}

fn bin(minutes: &[Steady]) -> Bin {
    let load: f64 = minutes.iter().map(|minute| minute.load_per_s).sum();
    let p95_s = median(minutes.iter().map(|minute| minute.p95_s).collect());
    Bin { load_per_s: load / minutes.len() as f64, p95_s, minutes: minutes.len() }
}

/// CPU in percent for each request per second and instance: the median over the minutes that did something.
pub(super) fn cpu_percent_per_load(steady: &[Steady]) -> Option<f64> {
    let busy = steady.iter().filter_map(|minute| Some((minute.cpu_percent?, minute.load_per_s)));
    let slopes: Vec<f64> = busy.filter(|(cpu, _)| *cpu > 5.0).map(|(cpu, load)| cpu / load).collect();
    (!slopes.is_empty()).then(|| median(slopes))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
