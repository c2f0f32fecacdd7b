//! Erlang's curve through what was seen.

use super::bins::Bin;
use crate::response::{Response, Service};

/// An instance as a station of equal slots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Station {
    pub(super) slots: u32,
    pub(super) service_s: f64,
}

/// Numbers of slots that are tried: neighbours beyond 16 are hard to tell apart.
const SLOTS: [u32; 24] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 24, 32, 40, 48, 64, 96, 128];
/// Capacities that are tried, from the highest load seen and a little less on, a fiftieth apart.
const FROM: f64 = 0.7;
const FACTOR: f64 = 1.02;
const TRIED: i32 = 120;
/// The latency has risen where it is so many times that of the quiet minutes.
const RISEN: f64 = 1.5;
/// Fewer slow bins than this do not place a cliff.
const LEAST_RISEN: usize = 2;

impl Station {
    /// The station of this capacity whose unhindered p95 is that of the quiet bins.
    pub(super) fn with_capacity(per_s: f64, bins: &[Bin]) -> Self {
        let slots = (per_s * quiet_p95_s(bins) / Response::P95_OF_SERVICE).round().max(1.0);
        Self { slots: slots as u32, service_s: slots / per_s }
    }

    pub(super) fn capacity_per_s(&self) -> f64 {
        f64::from(self.slots) / self.service_s
    }

    pub(super) fn p95_s(&self, load_per_s: f64) -> f64 {
        Service::new(self.service_s, 1.0).response(self.slots, load_per_s / self.capacity_per_s()).p95_s()
    }

    /// The root mean square of the p95's logarithm, seen against expected.
    pub(super) fn error(&self, bins: &[Bin]) -> f64 {
        (self.squares(bins) / bins.len().max(1) as f64).sqrt()
    }

    /// Beyond its capacity a station is slower than any formula says, so more is no error there.
    fn squares(&self, bins: &[Bin]) -> f64 {
        let error = |bin: &Bin| {
            let error = (bin.p95_s / self.p95_s(bin.load_per_s)).ln();
            if bin.load_per_s < 0.97 * self.capacity_per_s() { error } else { error.min(0.0) }
        };
        bins.iter().map(|bin| error(bin).powi(2)).sum()
    }
}

/// The median p95 of the quieter half of the bins, which hardly depends on the load.
fn quiet_p95_s(bins: &[Bin]) -> f64 {
    let mut quiet: Vec<f64> = bins[..bins.len().div_ceil(2)].iter().map(|bin| bin.p95_s).collect();
    quiet.sort_by(f64::total_cmp);
    quiet[quiet.len() / 2]
}

/// The best station, and the capacities between which it lies with 95 % confidence; none where the latency never
/// rose, which every large enough capacity explains.
///
/// The interval is the profile likelihood's: all capacities that some station explains with squares no larger than
/// the best's times `1 + 4 / (n - 2)` (3.84 is the 95 % quantile of chi-squared with one degree of freedom), and one
/// of the tried on either side, as the truth may lie between two.
pub(super) fn cliff(bins: &[Bin]) -> Option<(Station, f64, f64)> {
    let quiet_s = quiet_p95_s(bins);
    if bins.iter().filter(|bin| bin.p95_s > RISEN * quiet_s).count() < LEAST_RISEN {
        return None;
    }
    let highest = bins.last()?.load_per_s;
    let capacities = (0..TRIED).map(|i| FROM * highest * FACTOR.powi(i));
    let profile: Vec<(f64, Station, f64)> = capacities.map(|per_s| best_of(per_s, bins)).collect();
    let (_, best, squares) = *profile.iter().min_by(|a, b| a.2.total_cmp(&b.2))?;
    let bound = squares.max(1e-6) * (1.0 + 4.0 / (bins.len().max(3) - 2) as f64);
    let mut within = profile.iter().filter(|tried| tried.2 <= bound).map(|tried| tried.0);
    let first = within.next()?;
    let last = within.next_back().unwrap_or(first);
    Some((best, first / FACTOR, last * FACTOR))
}

/// The station of this capacity that explains the bins best.
fn best_of(per_s: f64, bins: &[Bin]) -> (f64, Station, f64) {
    let stations = SLOTS.map(|slots| Station { slots, service_s: f64::from(slots) / per_s });
    let judged = stations.map(|station| (per_s, station, station.squares(bins)));
    judged.into_iter().min_by(|a, b| a.2.total_cmp(&b.2)).unwrap_or((per_s, stations[0], f64::INFINITY))
}
