//! What a forecast is drawn from: where the demand is against its own recent past, and what it did at this time on
//! previous days.

use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::situation::Situation;
use super::trend::Features;

/// Memories of the averages: two, eight and thirty minutes.
const MEMORIES_S: [f64; 3] = [120.0, 480.0, 1_800.0];
/// Cells to either side that a level of a previous day is averaged over: yesterday's minute is only roughly today's.
const SMOOTHING: i64 = 2;
/// A day further back counts for so much less.
const FADING: f64 = 0.8;
const DAYS: i64 = 7;

/// Averages of the demand's logarithm, by memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Averages(Option<[f64; 3]>);

impl Averages {
    pub(crate) fn learn(&mut self, level: f64, period_s: f64) {
        let averages = self.0.get_or_insert([level; 3]);
        for (average, memory_s) in averages.iter_mut().zip(MEMORIES_S) {
            *average += (1.0 - (-period_s / memory_s).exp()) * (level - *average);
        }
    }

    fn below(&self, level: f64) -> [f64; 3] {
        self.0.map_or([0.0; 3], |averages| averages.map(|average| level - average))
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.0.iter().flatten().all(|average| average.abs() < 1_000.0)
    }
}

/// The features of a forecast from the cell `origin` for the cell `target`, and the situation it is made in.
pub(crate) fn read(
    levels: &Cells<i16>,
    averages: &Averages,
    level: f64,
    [origin, target]: [i64; 2],
    day: i64,
) -> (Features, Situation) {
    let since = |cells: i64| at(levels, origin - cells).map_or(0.0, |before| level - before);
    let [fast, medium, slow] = averages.below(level);
    let (daily, weekly) = if day > 0 { seasons(levels, [origin, target], day) } else { (0.0, 0.0) };
    ([0.1, fast, medium, slow, daily, weekly, since(5), since(1)], Situation::of(slow, since(5)))
}

fn at(levels: &Cells<i16>, index: i64) -> Option<f64> {
    levels.get(index).map(|level| f64::from(*level) / 1_000.0)
}

/// How the demand grew at this time on previous days, the recent ones counting more; and a week ago.
fn seasons(levels: &Cells<i16>, [origin, target]: [i64; 2], day: i64) -> (f64, f64) {
    let growth = |days: i64| {
        let before = smooth(levels, origin - days * day)?;
        Some((smooth(levels, target - days * day)? - before).clamp(-1.0, 1.0))
    };
    let (mut sum, mut weight) = (0.0, 0.0);
    for days in 1..=DAYS {
        let Some(growth) = growth(days) else { continue };
        let worth = FADING.powi(days as i32);
        sum += worth * growth;
        weight += worth;
    }
    (if weight > 0.0 { sum / weight } else { 0.0 }, growth(DAYS).unwrap_or(0.0))
}

fn smooth(levels: &Cells<i16>, index: i64) -> Option<f64> {
    let near = (-SMOOTHING..=SMOOTHING).filter_map(|aside| at(levels, index + aside));
    let (sum, count) = near.fold((0.0, 0u32), |(sum, count), level| (sum + level, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}
