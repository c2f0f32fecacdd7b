//! How far hindsight is to be believed: it judges each price by what it chose, once a minute. A fleet that is sized more
//! often, and that gives nothing up before that pays, is often larger, and then fewer minutes are slow than hindsight says.

use serde::{Deserialize, Serialize};

use super::hindsight::MEMORY_S;
use super::minute::Watched;

/// Worth of the first guess, that hindsight is right, in slow seconds: ten minutes.
const GUESS_S: f64 = 600.0;

/// Two weeks of seconds that hindsight expected to be slow at the prices that were in force, and those that were: the
/// exposure and the count of rare events, whose ratio has the guess for its prior (gamma and Poisson).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Calibration {
    expected_s: f64,
    slow_s: f64,
}

impl Calibration {
    /// Learns what came, and which share of it hindsight expected to be slow at the price in force.
    pub(super) fn learn(&mut self, watched: Watched, expected_share: f64) {
        let keep = (1.0 - watched.seconds / MEMORY_S).max(0.0);
        self.expected_s = self.expected_s * keep + watched.seconds * expected_share;
        self.slow_s = self.slow_s * keep + watched.slow_s();
    }

    /// The part of what hindsight calls slow that is so. Never more than all: what is slow besides is a debt, and is
    /// settled as one.
    pub(super) fn true_part(&self) -> f64 {
        ((self.slow_s + GUESS_S) / (self.expected_s + GUESS_S)).min(1.0)
    }

    pub(super) fn is_sound(&self) -> bool {
        let seconds = 0.0..1e12;
        seconds.contains(&self.expected_s) && seconds.contains(&self.slow_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of which a hundredth was expected to be slow, and one minute in `every` was.
    fn days(count: u32, every: u32) -> Calibration {
        let mut calibration = Calibration::default();
        for minute in 0..count * 1_440 {
            calibration.learn(Watched { seconds: 60.0, is_slow: minute % every == 0 }, 0.01);
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
    fn what_is_slow_besides_is_no_part_of_it() {
        assert!((days(5, 20).true_part() - 1.0).abs() < 1e-9);
    }
}
