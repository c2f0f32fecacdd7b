//! What each price would have led to, known in hindsight.

use std::collections::VecDeque;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::prices::{PRICES, fleet_min};
use crate::forecast::ladder::size;
use crate::forecast::open::Resolved;

/// The first guess: where a slow minute is as bad as 20 minutes of the fleet, half a percent of them are slow.
const FIRST_FLEET_MIN: f64 = 20.0;
const FIRST_SHARE: f64 = 0.005;
/// Worth of the first guess, in minutes of hindsight; it falls by this power of the price.
const GUESS_MIN: f64 = 480.0;
const GUESS_POWER: f64 = 0.8;
/// The guessed share of slow minutes at each price.
static GUESS: LazyLock<[f64; PRICES]> = LazyLock::new(|| {
    std::array::from_fn(|place| FIRST_SHARE * (FIRST_FLEET_MIN / fleet_min(place as f64)).powf(GUESS_POWER))
});
/// Hindsight fades over two weeks; at first it fades over half of its age, six hours at least, because what happened while
/// little had been learned will not happen again. Fading like that, it comes to know of a third of its age.
const MEMORY_MIN: f64 = 14.0 * 1_440.0;
pub(super) const MEMORY_S: f64 = MEMORY_MIN * 60.0;
const LEAST_MEMORY_MIN: f64 = 360.0;
const MEMORY_OF_KNOWN: f64 = 1.5;
/// Nobody waits longer than so many minutes: what a fleet cannot serve in that time is lost, and asked of no other.
const LONGEST_WAIT_MIN: f64 = 1.0;
/// A bound on memory: boots of half an hour.
const MOST_STILL_SERVING: usize = 30;

/// Minutes of hindsight, and for each price the slow ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Hindsight {
    // As an older program wrote it, beside what was spent.
    #[serde(rename = "hindsight_min")]
    known_min: f64,
    would_be_slow_min: Vec<f64>,
    /// What each price chose in the last minutes.
    recent: VecDeque<Vec<u8>>,
    /// What each price would have left to the next minute, in instance-minutes.
    backlogs: Vec<f64>,
}

impl Hindsight {
    /// Learns what each price would have led to. Instances are given up no sooner than they would be back, in `lead_s`:
    /// what was chosen within that time still served. What they did not serve waits for the next minute.
    pub(super) fn learn(&mut self, resolved: Resolved, lead_s: f64) {
        if resolved.chosen.len() != PRICES {
            return;
        }
        self.remember(resolved.chosen, lead_s);
        self.would_be_slow_min.resize(PRICES, 0.0);
        self.backlogs.resize(PRICES, 0.0);
        let keep = self.keep();
        self.known_min = self.known_min * keep + 1.0;
        (0..PRICES).for_each(|place| self.judge(place, resolved.instances, keep));
    }

    /// How much of what is known is still known a minute later.
    fn keep(&self) -> f64 {
        1.0 - 1.0 / (MEMORY_OF_KNOWN * self.known_min).clamp(LEAST_MEMORY_MIN, MEMORY_MIN)
    }

    fn remember(&mut self, chosen: Vec<u8>, lead_s: f64) {
        self.recent.push_back(chosen);
        let still_serving = ((lead_s / 60.0) as usize).clamp(1, MOST_STILL_SERVING);
        while self.recent.len() > still_serving {
            self.recent.pop_front();
        }
    }

    /// Whether a price would have had enough for a minute that needed so many.
    fn judge(&mut self, place: usize, instances: f64, keep: f64) {
        let serving = f64::from(self.served_by(place));
        let asked = instances + self.backlogs[place];
        self.backlogs[place] = (asked - serving).clamp(0.0, LONGEST_WAIT_MIN * serving);
        let slow_min = &mut self.would_be_slow_min[place];
        *slow_min = *slow_min * keep + f64::from(u8::from(asked > serving));
    }

    /// The instances that a price would have had: the most that it chose in the last minutes.
    fn served_by(&self, place: usize) -> u32 {
        let rungs = self.recent.iter().filter_map(|rungs| rungs.get(place));
        size(rungs.max().map_or(0, |rung| usize::from(*rung)))
    }

    /// The place on the ladder of the lowest price that keeps to `share`, where `true_part` of what hindsight calls slow
    /// is so.
    pub(super) fn place(&self, share: f64, true_part: f64) -> f64 {
        match (0..PRICES).find(|place| self.share(*place, true_part) <= share) {
            None => (PRICES - 1) as f64,
            Some(0) => 0.0,
            Some(place) => {
                let [more, less] = [place - 1, place].map(|place| self.share(place, true_part).ln());
                let part = (more - share.ln()) / (more - less).max(1e-9);
                (place - 1) as f64 + part.clamp(0.0, 1.0)
            }
        }
    }

    /// The share of slow minutes that hindsight tells of a price between two of the ladder.
    pub(super) fn share_at(&self, place: f64) -> f64 {
        let place = place.clamp(0.0, (PRICES - 1) as f64);
        let below = place.floor() as usize;
        let [more, less] = [below, (below + 1).min(PRICES - 1)].map(|place| self.share(place, 1.0));
        more + (less - more) * place.fract()
    }

    /// The share of slow minutes that a price leads to: hindsight, leaning on the first guess.
    fn share(&self, place: usize, true_part: f64) -> f64 {
        let seen = self.would_be_slow_min.get(place).copied().unwrap_or(0.0);
        (true_part * seen + GUESS_MIN * GUESS[place]) / (self.known_min + GUESS_MIN)
    }

    pub(super) fn is_sound(&self) -> bool {
        (0.0..=MEMORY_MIN + 1.0).contains(&self.known_min)
            && [0, PRICES].contains(&self.would_be_slow_min.len())
            && self.would_be_slow_min.iter().all(|min| (0.0..=MEMORY_MIN + 1.0).contains(min))
            && self.recent.len() <= MOST_STILL_SERVING
            && [0, PRICES].contains(&self.backlogs.len())
            && self.backlogs.iter().all(|instance_min| (0.0..1e10).contains(instance_min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::ladder;

    #[test]
    fn what_a_price_leaves_unserved_makes_its_next_minutes_slow_too() {
        let rung_of_four = ladder::rung_for(4) as u8;
        let slow_min = |demand: &[f64]| {
            let mut hindsight = Hindsight::default();
            for instances in demand {
                hindsight.learn(Resolved { instances: *instances, chosen: vec![rung_of_four; PRICES] }, 60.0);
            }
            hindsight.would_be_slow_min[0].round() as u32
        };
        assert_eq!(slow_min(&[3.0, 5.0, 2.0, 3.0]), 1, "room enough for what waits");
        assert_eq!(slow_min(&[3.0, 5.0, 3.5, 3.5, 3.5]), 2, "half an instance-minute a minute is made up");
        assert_eq!(slow_min(&[3.0, 90.0, 0.5, 0.0]), 2, "of ninety, four are waited for");
    }

    #[test]
    fn what_was_seen_at_first_fades_before_it_is_a_day_old() {
        let minutes = |first: f64, then: u32| {
            let mut hindsight = Hindsight::default();
            let mut learn = |instances: f64| {
                hindsight.learn(Resolved { instances, chosen: vec![0; PRICES] }, 60.0);
            };
            (0..60).for_each(|_| learn(first));
            (0..then).for_each(|_| learn(0.5));
            hindsight.would_be_slow_min[0]
        };
        assert!((40.0..60.0).contains(&minutes(1.2, 60)), "{}", minutes(1.2, 60));
        assert!(minutes(1.2, 1_380) < 10.0, "{}", minutes(1.2, 1_380));
    }

    #[test]
    fn the_first_guess_is_half_a_percent_at_the_first_price() {
        let first = Hindsight::default();
        let at = |share| fleet_min(first.place(share, 1.0));
        assert!((at(FIRST_SHARE) - FIRST_FLEET_MIN).abs() < 0.5, "{}", at(FIRST_SHARE));
        assert!(
            at(0.01) < FIRST_FLEET_MIN && at(0.001) > FIRST_FLEET_MIN,
            "a larger budget begins at a lower price"
        );
    }

    #[test]
    fn the_share_of_a_place_is_the_one_it_was_found_by() {
        let hindsight = Hindsight::default();
        assert!((hindsight.share_at(hindsight.place(0.01, 1.0)) / 0.01 - 1.0).abs() < 0.02);
    }
}
