//! The plant behind a history: how slow an instance becomes as it gets busier, where its cliff is, how it boots.

mod bins;
mod fit;
mod sentences;
#[cfg(test)]
mod tests;

use crate::history::History;
use crate::plant::{Boot, Plant};

pub use bins::Bin;
use fit::Station;

/// What was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The plant, its objective included.
    pub plant: Plant,
    /// What its capacity rests on.
    pub curve: Curve,
    /// Boots that were measured; fewer than five, and the standard plant's are taken.
    pub boots: usize,
}

/// The p95 against the load of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What was seen, by rising load.
    pub bins: Vec<Bin>,
    /// Requests per second that an instance serves at most.
    pub capacity_per_s: f64,
    /// How that is known.
    pub source: Source,
    /// The typical error of the curve where it was seen: the root mean square of the p95's logarithm, about a share.
    pub error: f64,
}

/// How an instance's capacity is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// The latency rose, as it does near the limit: with 95 % confidence the capacity, in requests per second, is
    /// between these.
    Cliff {
        /// At least.
        least_per_s: f64,
        /// At most.
        most_per_s: f64,
    },
    /// The latency never rose; the CPU says how much of an instance was used.
    Cpu,
    /// The operator says so.
    Told,
}

/// Why nothing was learned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// Fleets that never stood still, or no latency.
    #[error(
        "the history has {minutes} minutes with a p95 and a fleet that stood still; allowed: at least {LEAST_STEADY}"
    )]
    NotSteady {
        /// Such minutes.
        minutes: usize,
    },
    /// Neither the latency nor the CPU tells.
    #[error(
        "the history does not show what an instance can serve: its latency never rose, and it has no CPU; say it with \
         --instance-capacity, in requests per second"
    )]
    NoLimit,
}

/// An hour's worth.
const LEAST_STEADY: usize = 60;
/// Fewer boots say nothing about a tenth of them.
const LEAST_BOOTS: usize = 5;

/// Learns the plant; `objective_s` is the p95 not to be exceeded, `told_per_s` an instance's capacity if it is known.
pub fn learn(history: &History, objective_s: f64, told_per_s: Option<f64>) -> Result<Learned, LearnError> {
    let steady = bins::steady(&history.minutes);
    if steady.len() < LEAST_STEADY {
        return Err(LearnError::NotSteady { minutes: steady.len() });
    }
    let bins = bins::of(&steady);
    let (station, source) = station(&bins, &steady, told_per_s)?;
    let curve = Curve { error: station.error(&bins), capacity_per_s: station.capacity_per_s(), source, bins };
    let cpu_at_capacity_percent =
        bins::cpu_percent_per_load(&steady).map(|slope| slope * curve.capacity_per_s);
    let plant = Plant {
        slots: station.slots,
        service_s: station.service_s,
        objective_s,
        bounds: history.bounds.clone(),
        boot: boot(&history.boots_s).unwrap_or(Plant::default().boot),
        cpu_at_capacity_percent: cpu_at_capacity_percent.map_or(100.0, |percent| percent.min(100.0)),
        ..Plant::default()
    };
    Ok(Learned { plant, curve, boots: history.boots_s.len() })
}

fn station(
    bins: &[Bin],
    steady: &[bins::Steady],
    told_per_s: Option<f64>,
) -> Result<(Station, Source), LearnError> {
    if let Some(per_s) = told_per_s {
        return Ok((Station::with_capacity(per_s, bins), Source::Told));
    }
    if let Some((station, least_per_s, most_per_s)) = fit::cliff(bins) {
        return Ok((station, Source::Cliff { least_per_s, most_per_s }));
    }
    let slope = bins::cpu_percent_per_load(steady).ok_or(LearnError::NoLimit)?;
    Ok((Station::with_capacity(100.0 / slope, bins), Source::Cpu))
}

/// The median and the 90th percentile of the measured boots.
fn boot(boots_s: &[f64]) -> Option<Boot> {
    if boots_s.len() < LEAST_BOOTS {
        return None;
    }
    let mut sorted = boots_s.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let median_s = at(0.5).max(1.0);
    // Boots that are all alike would have no distribution.
    Some(Boot { median_s, p90_s: at(0.9).max(1.01 * median_s) })
}
