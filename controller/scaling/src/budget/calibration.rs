//! How far hindsight is to be believed: it judges each price by what it chose, once a minute. A fleet that is sized more
//! often, and that gives nothing up before that pays, is often larger, and then fewer minutes are slow than hindsight says.

use serde::{Deserialize, Serialize};

use super::hindsight::MEMORY_MIN;
use super::minute::Watched;

/// Worth of the first guess, that hindsight is right, in slow seconds: ten minutes.
const GUESS_S: f64 = 600.0;

/// Seconds that hindsight expected to be slow at the prices that were in force, and those that were: the exposure and the
/// count of rare events, whose ratio has the guess for its prior (gamma and Poisson).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Calibration {
    /// The share of the time that hindsight expects to be slow at the price in force; none while it is not the price
    /// that sizes the fleet, for then what comes says nothing of it.
    share: Option<f64>,
    expected_s: f64,
    slow_s: f64,
}

impl Calibration {
    /// The price in force is now one of which hindsight expects this; none is.
    pub(super) fn expect(&mut self, share: Option<f64>) {
        self.share = share;
    }

    /// Learns what came.
    pub(super) fn learn(&mut self, watched: Watched) {
        let (Watched { seconds, is_slow }, Some(share)) = (watched, self.share) else { return };
        let keep = (1.0 - seconds / (60.0 * MEMORY_MIN)).max(0.0);
        self.expected_s = self.expected_s * keep + seconds * share;
        self.slow_s = self.slow_s * keep + if is_slow { seconds } else { 0.0 };
    }

    /// The part of what hindsight calls slow that is so. Never more than all: what is slow besides is a debt, and is
    /// settled as one.
    pub(super) fn true_part(&self) -> f64 {
        ((self.slow_s + GUESS_S) / (self.expected_s + GUESS_S)).min(1.0)
    }

    pub(super) fn is_sound(&self) -> bool {
        let seconds = 0.0..1e12;
        self.share.is_none_or(|share| (0.0..=10.0).contains(&share))
            && seconds.contains(&self.expected_s)
            && seconds.contains(&self.slow_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of which a hundredth was expected to be slow, and one minute in `every` was.
    fn days(count: u32, every: u32) -> Calibration {
        let mut calibration = Calibration::default();
        calibration.expect(Some(0.01));
        for minute in 0..count * 1_440 {
            calibration.learn(Watched { seconds: 60.0, is_slow: minute % every == 0 });
        }
        calibration
    }

    #[test]
    fn hindsight_is_believed_until_it_is_found_to_exaggerate() {
        assert!((Calibration::default().true_part() - 1.0).abs() < 1e-9);
        let [early, late] = [1, 10].map(|count| days(count, 400).true_part());
        assert!((0.5..0.7).contains(&early) && (0.25..0.4).contains(&late), "{early} {late}");
    }

    #[test]
    fn nothing_is_learned_of_a_price_that_sizes_nothing() {
        let mut calibration = Calibration::default();
        calibration.expect(None);
        (0..20_000).for_each(|_| calibration.learn(Watched { seconds: 60.0, is_slow: false }));
        assert!((calibration.true_part() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_slow_besides_is_no_part_of_it() {
        assert!((days(5, 20).true_part() - 1.0).abs() < 1e-9);
    }
}
