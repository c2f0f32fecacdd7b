//! What a run is judged by.

use serde::Serialize;

use crate::oracle::Oracle;
use crate::simulation::Run;

/// The figures of one run, or the means of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
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
            theta_u_percent: percent(gaps(oracle, run).map(|(d, s)| (d - s).max(0.0) / d).sum()),
            theta_o_percent: percent(gaps(oracle, run).map(|(d, s)| (s - d).max(0.0) / d).sum()),
            tau_u_percent: count(|d, s| d > s),
            tau_o_percent: count(|d, s| s > d),
        }
    }

    /// The mean of each figure; of nothing, zeros.
    pub fn mean(all: &[Self]) -> Self {
        let mean = |figure: fn(&Self) -> f64| all.iter().map(figure).sum::<f64>() / all.len().max(1) as f64;
        Self {
            violating_minutes_percent: mean(|m| m.violating_minutes_percent),
            slow_requests_percent: mean(|m| m.slow_requests_percent),
            instance_hours: mean(|m| m.instance_hours),
            standby_hours: mean(|m| m.standby_hours),
            relative_hours: mean(|m| m.relative_hours),
            actions_per_day: mean(|m| m.actions_per_day),
            theta_u_percent: mean(|m| m.theta_u_percent),
            theta_o_percent: mean(|m| m.theta_o_percent),
            tau_u_percent: mean(|m| m.tau_u_percent),
            tau_o_percent: mean(|m| m.tau_o_percent),
        }
    }
}

/// Demand and supply of each minute, in instances.
fn gaps<'a>(oracle: &'a Oracle, run: &'a Run) -> impl Iterator<Item = (f64, f64)> + 'a {
    oracle.need.iter().map(|need| f64::from(*need)).zip(run.minutes.iter().map(|minute| minute.serving))
}
