//! Where the demand goes, on a line through what is known: recursive least squares with forgetting (Haykin,
//! Adaptive Filter Theory, ch. 10), which learns from each outcome once and keeps no samples.

use serde::{Deserialize, Serialize};

/// How many things the forecast is drawn from.
pub(crate) const FEATURES: usize = 8;
pub(crate) type Features = [f64; FEATURES];

/// A memory of 2,000 forecasts: a day and a half of minutes.
const FORGETTING: f64 = 0.9995;
/// The first guess is that nothing changes, held with this variance.
const FIRST_VARIANCE: f64 = 0.3;
/// While nothing happens forgetting inflates the variance; a bound keeps the first event thereafter from
/// throwing everything over.
const MOST_VARIANCE: f64 = 10.0;
/// An outcome further off than a factor of 1.6 is an event, not a trend: it teaches as if it were this far off.
const MOST_ERROR: f64 = 0.5;

/// The weights of the features, and how sure they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trend {
    weights: Features,
    variance: [Features; FEATURES],
}

impl Default for Trend {
    fn default() -> Self {
        let row = |i| std::array::from_fn(|j| if i == j { FIRST_VARIANCE } else { 0.0 });
        Self { weights: [0.0; FEATURES], variance: std::array::from_fn(row) }
    }
}

impl Trend {
    /// The expected growth of the demand's logarithm.
    pub(crate) fn growth(&self, features: &Features) -> f64 {
        dot(&self.weights, features)
    }

    /// Learns what the growth turned out to be.
    pub(crate) fn learn(&mut self, features: &Features, growth: f64) {
        let error = (growth - self.growth(features)).clamp(-MOST_ERROR, MOST_ERROR);
        let reach: Features = std::array::from_fn(|i| dot(&self.variance[i], features));
        let scale = FORGETTING + dot(features, &reach);
        for (weight, reach) in self.weights.iter_mut().zip(reach) {
            *weight += error * reach / scale;
        }
        for (row, by_row) in self.variance.iter_mut().zip(reach) {
            for (cell, by_column) in row.iter_mut().zip(reach) {
                *cell = (*cell - by_row * by_column / scale) / FORGETTING;
            }
        }
        self.bound();
        if !self.is_sound() {
            *self = Self::default();
        }
    }

    fn bound(&mut self) {
        let trace: f64 = (0..FEATURES).map(|i| self.variance[i][i]).sum();
        if trace > MOST_VARIANCE {
            self.variance.iter_mut().flatten().for_each(|cell| *cell *= MOST_VARIANCE / trace);
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        let bounded = |values: &Features, most: f64| values.iter().all(|v| v.abs() <= most);
        bounded(&self.weights, 100.0)
            && self.variance.iter().all(|row| bounded(row, 2.0 * MOST_VARIANCE))
            && (0..FEATURES).all(|i| self.variance[i][i] >= 0.0)
    }
}

fn dot(a: &Features, b: &Features) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(minute: i32) -> Features {
        let phase = f64::from(minute) * 0.7;
        [0.1, phase.sin(), phase.cos(), (0.3 * phase).sin(), 0.0, 0.0, (0.9 * phase).cos(), 0.0]
    }

    #[test]
    fn it_learns_a_line_and_follows_when_the_line_changes() {
        let mut trend = Trend::default();
        let mut learn = |minutes: std::ops::Range<i32>, slope: f64| {
            for minute in minutes {
                let features = features(minute);
                trend.learn(&features, slope * features[1] - 0.2 * features[3]);
            }
            trend.growth(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        };
        assert!((learn(0..500, 0.3) - 0.3).abs() < 0.01);
        assert!((learn(500..10_000, -0.1) + 0.1).abs() < 0.01);
    }

    #[test]
    fn a_single_event_moves_little_and_silence_does_not_blow_up() {
        let mut trend = Trend::default();
        (0..1_000).for_each(|minute| trend.learn(&features(minute), 0.0));
        trend.learn(&features(1_000), 5.0);
        assert!(trend.growth(&features(1_001)).abs() < 0.05);
        (0..100_000).for_each(|_| trend.learn(&[0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0));
        assert!(trend.is_sound());
    }
}
