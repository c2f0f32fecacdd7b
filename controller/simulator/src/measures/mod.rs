//! What a run is judged by.

mod column;

use serde::{Serialize, Serializer};

pub use column::{COLUMNS, Column, telling};

use crate::oracle::Oracle;
use crate::simulation::Run;

/// The figures of one run, or the means of several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Minutes whose p95 exceeds the objective, in %.
    pub violating_minutes_percent: f64,
    /// Requests that took longer than the objective or were lost, in %.
    pub slow_requests_percent: f64,
    /// Instance-hours billed.
    pub instance_hours: f64,
    /// The part of them that paid for standing by in a warm pool.
    pub standby_hours: f64,
    /// Instance-hours in units of the oracle's.
    pub relative_hours: f64,
    /// Changes of the desired capacity, a day.
    pub actions_per_day: f64,
    /// Launches that were refused or whose instance had to be replaced, a day.
    pub failed_launches_per_day: f64,
    /// Underprovisioned instances in % of the demand, averaged over all minutes.
    pub theta_u_percent: f64,
    /// Overprovisioned instances in % of the demand, averaged over all minutes.
    pub theta_o_percent: f64,
    /// Minutes with fewer instances than the demand, in %.
    pub tau_u_percent: f64,
    /// Minutes with more instances than the demand, in %.
    pub tau_o_percent: f64,
}

impl Measures {
    /// Judges a run.
    ///
    /// The elasticity measures (Herbst, Kounev, Reussner 2013, normalised by the demand as Bauer et al. 2019) take
    /// as demand what the oracle needs within the group's bounds, and as supply the instances that served.
    pub fn of(oracle: &Oracle, run: &Run) -> Self {
        let minutes = run.minutes.len() as f64;
        let percent = |sum: f64| 100.0 * sum / minutes;
        let count = |holds: fn(f64, f64) -> bool| {
            percent(gaps(oracle, run).filter(|(d, s)| holds(*d, *s)).count() as f64)
        };
        let arrived: f64 = run.minutes.iter().map(|minute| minute.arrived).sum();
        let slow: f64 = run.minutes.iter().map(|minute| minute.slow).sum();
        let hours = run.bill.instance_s / 3600.0;
        Self {
            violating_minutes_percent: percent(run.minutes.iter().filter(|m| m.violates()).count() as f64),
            slow_requests_percent: 100.0 * slow / arrived.max(1.0),
            instance_hours: hours,
            standby_hours: run.bill.standby_s / 3600.0,
            relative_hours: run.bill.instance_s / oracle.instance_s,
            actions_per_day: f64::from(run.actions) / (minutes / 1440.0),
            failed_launches_per_day: run.failed.len() as f64 / (minutes / 1440.0),
            theta_u_percent: percent(gaps(oracle, run).map(|(d, s)| (d - s).max(0.0) / d).sum()),
            theta_o_percent: percent(gaps(oracle, run).map(|(d, s)| (s - d).max(0.0) / d).sum()),
            tau_u_percent: count(|d, s| d > s),
            tau_o_percent: count(|d, s| s > d),
        }
    }

    /// The mean of each figure; of nothing, zeros.
    pub fn mean(all: &[Self]) -> Self {
        let mut mean = Self::default();
        for column in COLUMNS {
            let sum: f64 = all.iter().map(|measures| column.value(measures)).sum();
            *(column.place)(&mut mean) = sum / all.len().max(1) as f64;
        }
        mean
    }
}

/// By the columns' keys.
impl Serialize for Measures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(COLUMNS.iter().map(|column| (column.key, column.value(self))))
    }
}

/// Demand and supply of each minute, in instances.
fn gaps<'a>(oracle: &'a Oracle, run: &'a Run) -> impl Iterator<Item = (f64, f64)> + 'a {
    oracle.need.iter().map(|need| f64::from(*need)).zip(run.minutes.iter().map(|minute| minute.serving))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_taken_of_every_figure() {
        let of = |value: f64| {
            let mut measures = Measures::default();
            for column in COLUMNS {
                *(column.place)(&mut measures) = value;
            }
            measures
        };
        assert_eq!(Measures::mean(&[of(1.0), of(2.0), of(6.0)]), of(3.0));
        assert_eq!(Measures::mean(&[]), of(0.0));
    }

    #[test]
    fn a_figure_that_is_zero_everywhere_is_not_shown() {
        let some = Measures { tau_u_percent: 1.0, ..Measures::default() };
        let keys: Vec<&str> =
            telling([&Measures::default(), &some]).iter().map(|column| column.key).collect();
        assert_eq!(keys, ["tau_u_percent"]);
    }

    #[test]
    fn a_figure_is_written_under_its_key() {
        let measures = Measures { relative_hours: 1.5, ..Measures::default() };
        let json = serde_json::to_value(measures).unwrap();
        assert_eq!(json["relative_hours"], 1.5);
        assert_eq!(json.as_object().unwrap().len(), COLUMNS.len());
    }
}
