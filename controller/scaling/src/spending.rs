//! What the fleet has cost this month, and how many instances the budget in $ still allows.

use serde::{Deserialize, Serialize};

use crate::civil::{DAY_S, Date};
use crate::decision::LimitKind;
use crate::money::Dollars;
use crate::policy::Policy;

/// A gap between observations that is longer than this says nothing of the fleet in between.
const MOST_GAP_S: f64 = DAY_S;
/// The month's money is meted out so that any size that is allowed could be kept for a day, and the minimum from then
/// on: the allowance fades over days, where the last dollar would end it at once.
const AHEAD_S: u64 = 86_400;
const HOUR_S: u64 = 3_600;

/// Month-to-date spending, in billions of a dollar, so that each tick's share is exact enough to be summed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Spending {
    /// The month's first day, counted from 1970-01-01 UTC, as AWS bills.
    month: i64,
    nanos: u64,
    noted_at: Option<f64>,
}

impl Spending {
    /// Books the instances that were there since the last time.
    pub(crate) fn note(&mut self, now: f64, instances: u32, price_per_hour: Dollars) {
        let [month, _] = month(now);
        if month != self.month {
            *self = Self { month, nanos: 0, noted_at: self.noted_at };
        }
        let since = self.noted_at.replace(now).unwrap_or(now).max(month as f64 * DAY_S);
        let millis = (1_000.0 * (now - since).clamp(0.0, MOST_GAP_S)).round() as u128;
        let nanos = u128::from(instances) * u128::from(price_per_hour.micros()) * millis / u128::from(HOUR_S);
        self.nanos = self.nanos.saturating_add(u64::try_from(nanos).unwrap_or(u64::MAX));
    }

    /// What was spent this month, as far as it was watched.
    pub(crate) fn month_to_date(&self) -> Dollars {
        Dollars::from_micros(self.nanos / 1_000)
    }

    /// The most instances that the budget allows and the cap that says so; none without a cap.
    pub(crate) fn allows(&self, policy: &Policy, min: u32, now: f64) -> Option<(u32, LimitKind)> {
        let price = policy.price_per_instance_hour?.micros().max(1);
        let hourly = policy.max_per_hour.map(|most| (count(most.micros() / price), LimitKind::HourlyBudget));
        let monthly = policy
            .max_per_month
            .map(|most| (self.within_month(most, price, min, now), LimitKind::MonthlyBudget));
        hourly.into_iter().chain(monthly).min_by_key(|(instances, _)| *instances)
    }

    fn within_month(&self, most: Dollars, price: u64, min: u32, now: f64) -> u32 {
        let left = most.micros().saturating_sub(self.month_to_date().micros());
        let [_, next] = month(now);
        let left_s = (next as f64 * DAY_S - now).max(1.0) as u64;
        let ahead_s = left_s.clamp(1, AHEAD_S);
        let per_s = |seconds: u64| u128::from(price) * u128::from(seconds);
        let reserved = u128::from(min) * per_s(left_s - ahead_s.min(left_s));
        let free = (u128::from(left) * u128::from(HOUR_S)).saturating_sub(reserved);
        u32::try_from(free / per_s(ahead_s)).unwrap_or(u32::MAX)
    }

    /// Forgets what lies in the future.
    pub(crate) fn prune(&mut self, now: f64) {
        if self.noted_at.is_some_and(|at| at.is_nan() || at > now) {
            *self = Self::default();
        }
    }
}

/// The first day of the month and of the next.
fn month(now: f64) -> [i64; 2] {
    // Far more years than there will be, so that no day is out of the calendar's reach.
    Date::of((now / DAY_S).floor().clamp(-1e9, 1e9) as i64).month()
}

fn count(instances: u64) -> u32 {
    u32::try_from(instances).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Settings;

    const HOUR: f64 = 3_600.0;

    fn at(date: &str) -> f64 {
        date.parse::<Date>().unwrap().days() as f64 * DAY_S
    }

    fn dollars(text: &str) -> Dollars {
        text.parse().unwrap()
    }

    fn policy(max_per_hour: Option<&str>, max_per_month: Option<&str>) -> Policy {
        Policy::try_from(Settings {
            price_per_instance_hour: Some(dollars("0.10")),
            max_per_hour: max_per_hour.map(dollars),
            max_per_month: max_per_month.map(dollars),
            ..Settings::default()
        })
        .unwrap()
    }

    #[test]
    fn ten_second_ticks_sum_to_the_hours_price_and_a_new_month_starts_at_nothing() {
        let mut spending = Spending::default();
        let evening = at("2026-11-30") + 23.0 * HOUR;
        for tick in 0..=359 {
            spending.note(evening + 10.0 * f64::from(tick), 10, dollars("0.0416"));
        }
        assert_eq!(spending.month_to_date(), dollars("0.414844"));
        spending.note(at("2026-12-01") + 20.0, 9, dollars("3.6"));
        assert_eq!(spending.month_to_date(), dollars("0.18"));
    }

    #[test]
    fn the_hours_cap_is_a_size() {
        let spending = Spending::default();
        assert_eq!(spending.allows(&policy(Some("1.25"), None), 2, 0.0), Some((12, LimitKind::HourlyBudget)));
        assert_eq!(spending.allows(&policy(None, None), 2, 0.0), None);
    }

    #[test]
    fn the_months_cap_keeps_the_minimum_paid_for_to_the_end() {
        let policy = policy(None, Some("300"));
        let allowed = |spending: &Spending, now| spending.allows(&policy, 2, now).unwrap().0;
        let mut spending = Spending::default();
        let mut now = at("2026-11-01");
        assert!(allowed(&spending, now) > 50, "a whole month's money");
        // As many as are allowed, for the whole month.
        let mut least = u32::MAX;
        while now < at("2026-12-01") - HOUR {
            let instances = allowed(&spending, now).max(2);
            least = least.min(instances);
            now += HOUR;
            spending.note(now, instances, dollars("0.10"));
        }
        assert_eq!(least, 2);
        let spent = spending.month_to_date();
        assert!(spent <= dollars("300") && spent > dollars("295"), "{spent}");
    }
}
