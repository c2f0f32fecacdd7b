//! The error budget: which share of the time may be slow, and what a slow minute is therefore worth.
//!
//! A fleet is sized by cost against risk, and the price of a slow minute is what steers it. Which price spends
//! exactly the budget is learned in hindsight: for each price of a ladder it is known what it would have chosen, and
//! so how often that would have been too little. That tells more than the few minutes that really were slow; these
//! correct it over the days.

mod calibration;
mod hindsight;
mod minute;
mod prices;

use serde::{Deserialize, Serialize};

use calibration::Calibration;
use hindsight::{Hindsight, MEMORY_S};
use minute::Minute;
use prices::{PRICES, fleet_min};

use crate::civil::DAY_S;
use crate::forecast::Outlook;
use crate::forecast::open::Resolved;
use crate::observation::Datapoint;

/// What was overspent is to be saved within so long.
const DEBT_S: f64 = 4.0 * DAY_S;
/// What was saved may be spent within as long as hindsight reaches: it is often the calm before what it will be needed
/// for.
const SAVINGS_S: f64 = MEMORY_S;
/// Bounds on what may be spent meanwhile, as multiples of the budget.
const STRICTEST: f64 = 0.2;
const LOOSEST: f64 = 3.0;
/// A fleet's mean size is that of a week, and of a day at first: prices are to follow neither the hour nor a busy day.
const SIZE_MEMORY_S: [f64; 2] = [DAY_S, 7.0 * DAY_S];

/// What was spent, and what each price would have spent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Budget {
    /// Seconds that were watched, and those of them that were slow.
    watched_s: f64,
    slow_s: f64,
    minute: Minute,
    #[serde(flatten)]
    hindsight: Hindsight,
    calibration: Calibration,
    /// The share that the price in force spends; none while it is not the price that sizes the fleet, for then what
    /// comes says nothing of it.
    in_force: Option<f64>,
    mean_instances: Option<f64>,
    /// Seconds that the mean is of.
    sized_s: f64,
}

impl Budget {
    /// Books a period.
    pub(crate) fn spend(&mut self, datapoint: &Datapoint, slowness_s: Option<f64>, objective_p95_s: f64) {
        if let Some(watched) = self.minute.add(datapoint, slowness_s, objective_p95_s) {
            if let Some(share) = self.in_force {
                let expected_share = self.hindsight.share_at(self.place(share));
                self.calibration.learn(watched, expected_share);
            }
            self.watched_s += watched.seconds;
            self.slow_s += watched.slow_s();
        }
    }

    /// Learns in hindsight what each price would have led to, where a launch takes `lead_s` to help.
    pub(crate) fn learn(&mut self, resolved: Resolved, lead_s: f64) {
        self.hindsight.learn(resolved, lead_s);
    }

    /// What each price would choose on this outlook, drawn from a period of `period_s`.
    pub(crate) fn choices(&mut self, outlook: &Outlook, period_s: f64) -> Vec<u8> {
        let instances = outlook.expected_instances().clamp(1.0, 1e6);
        let mean = self.mean_instances.get_or_insert(instances);
        let [at_first, at_last] = SIZE_MEMORY_S;
        self.sized_s += period_s;
        *mean += (instances - *mean) * (period_s / self.sized_s.clamp(at_first, at_last)).min(1.0);
        let mean = *mean;
        (0..PRICES).map(|place| outlook.cheapest(fleet_min(place as f64) * mean) as u8).collect()
    }

    /// Notes that the price which spends this share sizes the fleet from here on; none does.
    pub(crate) fn in_force(&mut self, share: Option<f64>) {
        self.in_force = share;
    }

    /// What a slow minute is worth, in instance-minutes, if `share` of the minutes may be slow.
    pub(crate) fn price(&self, share: f64) -> f64 {
        fleet_min(self.place(share)) * self.mean_instances.unwrap_or(1.0)
    }

    /// The same as if hindsight were all that is known, and nothing had been spent or saved so far.
    pub(crate) fn price_of_hindsight(&self, share: f64) -> f64 {
        fleet_min(self.hindsight.place(share, 1.0)) * self.mean_instances.unwrap_or(1.0)
    }

    fn place(&self, share: f64) -> f64 {
        self.hindsight.place(self.allowed(share), self.calibration.true_part())
    }

    /// The share that may be slow from here on, to come out at `share` in the end.
    fn allowed(&self, share: f64) -> f64 {
        let saved_s = share * self.watched_s - self.slow_s;
        let settling_s = if saved_s < 0.0 { DEBT_S } else { SAVINGS_S };
        (share + saved_s / settling_s).clamp(STRICTEST * share, LOOSEST * share)
    }

    /// Forgets what lies in the future.
    pub(crate) fn prune(&mut self, now: f64) {
        self.minute.prune(now);
    }

    /// Forgets what cannot have been seen.
    pub(crate) fn heal(&mut self) {
        let seconds = 0.0..1e12;
        let sound = seconds.contains(&self.watched_s)
            && seconds.contains(&self.sized_s)
            && (0.0..=self.watched_s).contains(&self.slow_s)
            && self.minute.is_sound()
            && self.hindsight.is_sound()
            && self.calibration.is_sound()
            && self.in_force.is_none_or(|share| (0.0..=1.0).contains(&share))
            && self.mean_instances.is_none_or(|mean| (1.0..=1e7).contains(&mean));
        if !sound {
            *self = Self::default();
        }
    }
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

    fn watch(budget: &mut Budget, seconds: f64, is_slow: bool) {
        let period = Datapoint { period_s: seconds, ..Datapoint::default() };
        budget.spend(&period, Some(if is_slow { 4.0 } else { 1.0 }), 3.0);
    }

    /// A budget of a day of which so much was slow.
    fn after_a_day_with(slow_s: f64) -> Budget {
        let mut budget = Budget::default();
        watch(&mut budget, 86_400.0 - slow_s, false);
        watch(&mut budget, slow_s, true);
        budget
    }

    #[test]
    fn the_price_is_the_lowest_that_keeps_the_budget() {
        let dear = after_a_day(20, 50).price(0.005);
        assert!((fleet_min(19.0)..=fleet_min(20.0)).contains(&dear), "{dear}");
        assert!(after_a_day(20, 1_000).price(0.005) < dear, "one minute in a thousand is within the budget");
    }

    #[test]
    fn a_budget_that_is_overspent_makes_slow_minutes_dearer_and_one_that_is_saved_cheaper() {
        let price = |slow_s: f64| after_a_day_with(slow_s).price(0.005);
        assert!(price(3_600.0) > price(432.0) && price(432.0) > price(0.0));
    }

    #[test]
    fn a_debt_is_settled_sooner_than_savings_are_spent() {
        let allowed = |slow_s: f64| after_a_day_with(slow_s).allowed(0.005);
        let (debt, savings) = (0.005 - allowed(632.0), allowed(232.0) - 0.005);
        assert!((debt / savings - SAVINGS_S / DEBT_S).abs() < 1e-6, "{debt} {savings}");
    }

    #[test]
    fn nothing_is_learned_of_a_price_that_sizes_nothing() {
        let believed = |share| {
            let mut budget = after_a_day(20, 50);
            budget.in_force(share);
            (0..20_000).for_each(|_| watch(&mut budget, 60.0, false));
            budget.calibration.true_part()
        };
        assert!((believed(None) - 1.0).abs() < 1e-9);
        assert!(believed(Some(0.005)) < 0.5);
    }

    #[test]
    fn a_larger_budget_buys_a_smaller_price() {
        let mut budget = after_a_day(20, 50);
        watch(&mut budget, 60.0, false);
        assert!(budget.price(0.05) < budget.price(0.005));
    }

    #[test]
    fn what_an_older_program_learned_is_still_known() {
        let learned = after_a_day(20, 50);
        let mut json = serde_json::to_value(&learned).unwrap();
        assert!(json["hindsight_min"].as_f64().unwrap() > 400.0, "where older programs wrote it");
        for newer in ["minute", "calibration"] {
            json.as_object_mut().unwrap().remove(newer);
        }
        assert_eq!(serde_json::from_value::<Budget>(json).unwrap(), learned);
    }
}
