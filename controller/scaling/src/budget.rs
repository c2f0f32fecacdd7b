//! The error budget: which share of the time may be slow, and what a slow minute is therefore worth.
//!
//! A fleet is sized by cost against risk, and the price of a slow minute is what steers it. Which price spends
//! exactly the budget is learned in hindsight: for each price of a ladder it is known what it would have chosen, and
//! so how often that would have been too little. That tells more than the few minutes that really were slow; these
//! correct it over the days.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::forecast::open::Resolved;
use crate::forecast::{Outlook, ladder};

/// Prices on the ladder, and their spacing.
const PRICES: usize = 32;
const SPACING: f64 = 1.35;
/// The lowest price of a slow minute, in minutes of the whole mean fleet.
const LEAST: f64 = 0.4;
/// The price at which it starts: a slow minute is as bad as 40 minutes of the fleet. Half a percent of slow
/// minutes is often what that comes to.
const FIRST: f64 = 40.0;
/// Worth of the first guess, in minutes of hindsight; it falls by this power of the price.
const GUESS_MIN: f64 = 720.0;
const GUESS_POWER: f64 = 0.8;
/// Hindsight fades over two weeks.
const MEMORY_MIN: f64 = 14.0 * 1_440.0;
/// What was overspent is to be saved, and what was saved may be spent, within so many days.
const SETTLING_S: f64 = 3.5 * 86_400.0;
/// Bounds on what may be spent meanwhile, as multiples of the budget.
const STRICTEST: f64 = 0.2;
const LOOSEST: f64 = 3.0;
/// A fleet's mean size is that of about a day.
const SIZE_MEMORY_MIN: f64 = 1_440.0;
/// Nobody waits longer than so many minutes: what a fleet cannot serve in that time is lost, and asked of no other.
const LONGEST_WAIT_MIN: f64 = 1.0;
/// A bound on memory: boots of half an hour.
const MOST_STILL_SERVING: usize = 30;

/// What was spent, and what each price would have spent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Budget {
    /// Seconds that were watched, and those of them that were slow.
    watched_s: f64,
    slow_s: f64,
    /// Minutes of hindsight, and for each price the slow ones.
    hindsight_min: f64,
    would_be_slow_min: Vec<f64>,
    /// What each price chose in the last minutes.
    recent: VecDeque<Vec<u8>>,
    /// What each price would have left to the next minute, in instance-minutes.
    backlogs: Vec<f64>,
    mean_instances: Option<f64>,
}

impl Budget {
    /// Books a period.
    pub(crate) fn spend(&mut self, period_s: f64, is_slow: bool) {
        self.watched_s += period_s;
        self.slow_s += if is_slow { period_s } else { 0.0 };
    }

    /// Learns in hindsight what each price would have led to. Instances are given up no sooner than they would be back,
    /// in `lead_s`: what was chosen within that time still served. What they did not serve waits for the next minute.
    pub(crate) fn learn(&mut self, resolved: Resolved, lead_s: f64) {
        if resolved.chosen.len() != PRICES {
            return;
        }
        self.recent.push_back(resolved.chosen);
        let still_serving = ((lead_s / 60.0) as usize).clamp(1, MOST_STILL_SERVING);
        while self.recent.len() > still_serving {
            self.recent.pop_front();
        }
        self.would_be_slow_min.resize(PRICES, 0.0);
        self.backlogs.resize(PRICES, 0.0);
        let keep = 1.0 - 1.0 / MEMORY_MIN;
        self.hindsight_min = self.hindsight_min * keep + 1.0;
        for price in 0..PRICES {
            let serving = f64::from(self.served_by(price));
            let asked = resolved.instances + self.backlogs[price];
            self.backlogs[price] = (asked - serving).clamp(0.0, LONGEST_WAIT_MIN * serving);
            let slow_min = &mut self.would_be_slow_min[price];
            *slow_min = *slow_min * keep + f64::from(u8::from(asked > serving));
        }
    }

    /// The instances that a price would have had: the most that it chose in the last minutes.
    fn served_by(&self, price: usize) -> u32 {
        let rungs = self.recent.iter().filter_map(|rungs| rungs.get(price));
        size(rungs.max().map_or(0, |rung| usize::from(*rung)))
    }

    /// What each price would choose on this outlook.
    pub(crate) fn choices(&mut self, outlook: &Outlook) -> Vec<u8> {
        let instances = outlook.expected_instances().clamp(1.0, 1e6);
        let mean = self.mean_instances.get_or_insert(instances);
        *mean += (instances - *mean) / SIZE_MEMORY_MIN;
        (0..PRICES).map(|place| outlook.cheapest(price(place as f64) * *mean) as u8).collect()
    }

    /// What a slow minute is worth, in instance-minutes, if `share` of the minutes may be slow.
    pub(crate) fn price(&self, share: f64) -> f64 {
        self.price_of(share, self.allowed(share))
    }

    /// The same as if nothing had been spent or saved so far.
    pub(crate) fn price_of_hindsight(&self, share: f64) -> f64 {
        self.price_of(share, share)
    }

    fn price_of(&self, share: f64, allowed: f64) -> f64 {
        let mean = self.mean_instances.unwrap_or(1.0);
        let enough = (0..PRICES).find(|place| self.expected_share(*place, share) <= allowed);
        let place = match enough {
            None => (PRICES - 1) as f64,
            Some(0) => 0.0,
            Some(place) => {
                let [more, less] = [place - 1, place].map(|place| self.expected_share(place, share).ln());
                let part = (more - allowed.ln()) / (more - less).max(1e-9);
                (place - 1) as f64 + part.clamp(0.0, 1.0)
            }
        };
        price(place) * mean
    }

    /// The share that may be slow from here on, to come out at `share` in the end.
    fn allowed(&self, share: f64) -> f64 {
        let saved_s = share * self.watched_s - self.slow_s;
        (share + saved_s / SETTLING_S).clamp(STRICTEST * share, LOOSEST * share)
    }

    /// The share of slow minutes that a price leads to: hindsight, leaning on the first guess.
    fn expected_share(&self, place: usize, share: f64) -> f64 {
        let guess = GUESS_MIN * share * (FIRST / price(place as f64)).powf(GUESS_POWER);
        let seen = self.would_be_slow_min.get(place).copied().unwrap_or(0.0);
        (seen + guess) / (self.hindsight_min + GUESS_MIN)
    }

    /// Forgets what cannot have been seen.
    pub(crate) fn heal(&mut self) {
        let seconds = 0.0..1e12;
        let sound = seconds.contains(&self.watched_s)
            && (0.0..=self.watched_s).contains(&self.slow_s)
            && (0.0..=MEMORY_MIN + 1.0).contains(&self.hindsight_min)
            && [0, PRICES].contains(&self.would_be_slow_min.len())
            && self.would_be_slow_min.iter().all(|min| (0.0..=MEMORY_MIN + 1.0).contains(min))
            && self.recent.len() <= MOST_STILL_SERVING
            && [0, PRICES].contains(&self.backlogs.len())
            && self.backlogs.iter().all(|instance_min| (0.0..1e10).contains(instance_min))
            && self.mean_instances.is_none_or(|mean| (1.0..=1e7).contains(&mean));
        if !sound {
            *self = Self::default();
        }
    }
}

/// The price at a place of the ladder, in minutes of the whole mean fleet.
fn price(place: f64) -> f64 {
    LEAST * SPACING.powf(place)
}

/// A rung's fleet size.
pub(crate) fn size(rung: usize) -> u32 {
    ladder::SIZES.get(rung).copied().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A budget that has seen a day in which only the price at `enough` or a higher one would have sufficed for the
    /// minutes that each `every`th was.
    fn after_a_day(enough: usize, every: usize) -> Budget {
        let mut budget = Budget::default();
        for minute in 0..1_440 {
            let chosen = (0..PRICES).map(|place| u8::from(place >= enough)).collect();
            let instances = if minute % every == 0 { 2.0 } else { 0.5 };
            budget.learn(Resolved { instances, chosen }, 200.0);
        }
        budget
    }

    #[test]
    fn the_price_is_the_lowest_that_keeps_the_budget() {
        let dear = after_a_day(20, 50).price(0.005);
        assert!((price(19.0)..=price(20.0)).contains(&dear), "{dear}");
        assert!(after_a_day(20, 1_000).price(0.005) < dear, "one minute in a thousand is within the budget");
    }

    #[test]
    fn a_budget_that_is_overspent_makes_slow_minutes_dearer_and_one_that_is_saved_cheaper() {
        let price = |slow_s: f64| {
            let mut budget = Budget::default();
            budget.spend(86_400.0 - slow_s, false);
            budget.spend(slow_s, true);
            budget.price(0.005)
        };
        assert!(price(3_600.0) > price(432.0) && price(432.0) > price(0.0));
    }

    #[test]
    fn what_a_price_leaves_unserved_makes_its_next_minutes_slow_too() {
        let rung_of_four = ladder::rung_for(4) as u8;
        let slow_min = |demand: &[f64]| {
            let mut budget = Budget::default();
            for instances in demand {
                budget.learn(Resolved { instances: *instances, chosen: vec![rung_of_four; PRICES] }, 60.0);
            }
            budget.would_be_slow_min[0].round() as u32
        };
        assert_eq!(slow_min(&[3.0, 5.0, 2.0, 3.0]), 1, "room enough for what waits");
        assert_eq!(slow_min(&[3.0, 5.0, 3.5, 3.5, 3.5]), 2, "half an instance-minute a minute is made up");
        assert_eq!(slow_min(&[3.0, 90.0, 0.5, 0.0]), 2, "of ninety, four are waited for");
    }

    #[test]
    fn a_larger_budget_buys_a_smaller_price() {
        let mut budget = after_a_day(20, 50);
        budget.spend(60.0, false);
        assert!(budget.price(0.05) < budget.price(0.005));
    }
}
