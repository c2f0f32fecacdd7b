//! What the operator knows is coming: times at which the fleet must be ready, whatever the demand was so far.

use serde::{Deserialize, Serialize};

use crate::civil::{DAY_S, Date, TimeOfDay, UtcOffset, Weekday};
use crate::policy::PolicyError;

/// One announcement, in force from `from` to `to` on its days.
///
/// Times are those of a clock that is always `utc_offset` ahead of UTC. An offset knows nothing of summer time: where
/// a clock is put forward, the entry is an hour late until its offset is changed, or a second entry with the other
/// offset covers that part of the year by dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the decision calls it.
    pub name: String,
    /// The days of the week on which it begins, besides `dates`; every day if neither is said.
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// The dates on which it begins, besides `days`.
    #[serde(default)]
    pub dates: Vec<Date>,
    /// When the instances must serve.
    pub from: TimeOfDay,
    /// Until when; a time before `from` is that of the next day.
    pub to: TimeOfDay,
    /// The clock that `from` and `to` are of.
    #[serde(default)]
    pub utc_offset: UtcOffset,
    /// Instances that must be there; at least 1.
    #[serde(default)]
    pub min: Option<u32>,
    /// Demand that is expected, in requests per second; 0.001 to 1,000,000,000.
    #[serde(default)]
    pub requests_per_s: Option<f64>,
}

impl Entry {
    /// Whether the entry makes sense.
    pub fn check(&self) -> Result<(), PolicyError> {
        let refuse = |field, found: String, allowed: &str| {
            Err(PolicyError { field, found, allowed: allowed.to_owned() })
        };
        if self.from == self.to || self.from.seconds() >= DAY_S {
            return refuse("from", self.from.to_string(), "00:00 to 23:59, and not the same as `to`");
        }
        if self.min == Some(0) {
            return refuse("min", "0".to_owned(), "at least 1");
        }
        if let Some(per_s) = self.requests_per_s.filter(|per_s| !(0.001..=1e9).contains(per_s)) {
            return refuse("requests_per_s", per_s.to_string(), "0.001 to 1000000000");
        }
        if self.min.is_none() && self.requests_per_s.is_none() {
            return refuse("min", "not set".to_owned(), "instances, unless requests_per_s is set");
        }
        Ok(())
    }

    /// Seconds until the entry is in force, if it is within `ahead_s`, at most a day; zero while it is.
    pub(crate) fn starts_in_s(&self, now: f64, ahead_s: f64) -> Option<f64> {
        let local = now + self.utc_offset.seconds();
        let today = (local / DAY_S).floor() as i64;
        // One that began yesterday may go on past midnight.
        (today - 1..=today + 1).filter(|day| self.begins_on(*day)).find_map(|day| {
            let from = day as f64 * DAY_S + self.from.seconds();
            (from <= local + ahead_s && local < from + self.length_s()).then(|| (from - local).max(0.0))
        })
    }

    fn begins_on(&self, day: i64) -> bool {
        let every_day = self.days.is_empty() && self.dates.is_empty();
        every_day || self.days.contains(&Weekday::of(day)) || self.dates.iter().any(|date| date.days() == day)
    }

    fn length_s(&self) -> f64 {
        let length_s = self.to.seconds() - self.from.seconds();
        if length_s > 0.0 { length_s } else { length_s + DAY_S }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday, 2026-11-25 00:00 UTC.
    const WEDNESDAY: f64 = 20_782.0 * DAY_S;
    const HOUR: f64 = 3_600.0;

    fn entry(days: &[Weekday], dates: &[&str], [from, to, utc_offset]: [&str; 3]) -> Entry {
        Entry {
            name: "market open".to_owned(),
            days: days.to_vec(),
            dates: dates.iter().map(|date| date.parse().unwrap()).collect(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            utc_offset: utc_offset.parse().unwrap(),
            min: Some(6),
            requests_per_s: None,
        }
    }

    #[test]
    fn an_entry_is_in_force_on_its_days_between_its_times() {
        let wednesdays = entry(&[Weekday::Wed], &[], ["09:00", "17:00", "+00:00"]);
        let overnight = entry(&[Weekday::Tue], &[], ["22:00", "02:00", "+00:00"]);
        let far_east = entry(&[Weekday::Thu], &[], ["00:30", "02:00", "+10:00"]);
        let holiday = entry(&[Weekday::Sun], &["2026-11-25"], ["09:00", "24:00", "+00:00"]);
        let daily = entry(&[], &[], ["23:00", "23:30", "+00:00"]);
        for (entry, hour, expected) in [
            (&wednesdays, 8.99, false),
            (&wednesdays, 9.0, true),
            (&wednesdays, 17.0, false),
            (&wednesdays, 24.0 + 12.0, false),
            (&overnight, 1.9, true),
            (&overnight, 2.0, false),
            (&overnight, 22.5, false),
            (&far_east, 14.4, false),
            (&far_east, 14.5, true),
            (&holiday, 23.9, true),
            (&holiday, 24.0, false),
            (&holiday, 4.0 * 24.0 + 10.0, true),
            (&daily, 24.0 + 23.2, true),
        ] {
            let is_in_force = entry.starts_in_s(WEDNESDAY + hour * HOUR, 0.0) == Some(0.0);
            assert_eq!(is_in_force, expected, "{entry:?} at {hour} h");
        }
    }

    #[test]
    fn an_entry_is_seen_ahead_across_midnight() {
        let early = entry(&[Weekday::Thu], &[], ["00:05", "06:00", "+00:00"]);
        let late = WEDNESDAY + 23.95 * HOUR;
        assert_eq!(early.starts_in_s(late, 300.0), None);
        assert!((early.starts_in_s(late, 600.0).unwrap() - 480.0).abs() < 1e-3);
    }

    #[test]
    fn an_entry_that_makes_no_sense_is_refused_by_its_field() {
        let sound = entry(&[], &[], ["09:00", "17:00", "+00:00"]);
        assert!(sound.check().is_ok());
        let refused = |entry: Entry| entry.check().unwrap_err().field;
        assert_eq!(refused(Entry { min: None, ..sound.clone() }), "min");
        assert_eq!(refused(Entry { min: Some(0), ..sound.clone() }), "min");
        assert_eq!(refused(Entry { requests_per_s: Some(f64::NAN), ..sound.clone() }), "requests_per_s");
        assert_eq!(refused(Entry { to: "09:00".parse().unwrap(), ..sound.clone() }), "from");
        assert_eq!(refused(Entry { from: "24:00".parse().unwrap(), ..sound }), "from");
    }
}
