//! What a live group did, minute by minute, as CloudWatch remembers it.

mod gaps;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::trace::Trace;

/// A group's past.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The group's name.
    pub group: String,
    /// The group's minimum and maximum size.
    pub bounds: RangeInclusive<u32>,
    /// From launch to in service, in seconds, of the boots that Auto Scaling still knows.
    pub boots_s: Vec<f64>,
    /// Contiguous minutes.
    pub minutes: Vec<Minute>,
    /// How many of them CloudWatch had nothing of; they repeat the minute before.
    pub imputed: usize,
}

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// Requests that arrived.
    pub requests: f64,
    /// The 95th percentile of the response time in seconds; absent where nothing was answered.
    pub latency_p95_s: Option<f64>,
    /// Mean CPU utilisation of the instances, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// Instances in service.
    pub in_service: f64,
}

/// What was read of one minute; anything may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// The minute's start, in Unix seconds.
    pub start_s: i64,
    /// See [`Minute::requests`].
    pub requests: Option<f64>,
    /// See [`Minute::latency_p95_s`].
    pub latency_p95_s: Option<f64>,
    /// See [`Minute::cpu_percent`].
    pub cpu_percent: Option<f64>,
    /// See [`Minute::in_service`].
    pub in_service: Option<f64>,
}

/// A past that nothing can be learned from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Too little of it.
    #[error(
        "group {group}: CloudWatch has {minutes} minutes with requests; allowed: at least {LEAST_MINUTES} \
         (are the load balancer and the target group the right ones?)"
    )]
    TooShort {
        /// The group.
        group: String,
        /// Minutes with requests.
        minutes: usize,
    },
    /// Nobody knows how many instances there were.
    #[error(
        "group {group}: no minute says how many instances were in service; enable the group's metrics \
         (GroupInServiceInstances), or name the target group whose HealthyHostCount counts them"
    )]
    NoCapacity {
        /// The group.
        group: String,
    },
    /// More guesses than facts.
    #[error(
        "group {group}: CloudWatch has nothing of {imputed} of {minutes} minutes; allowed: a tenth of them"
    )]
    Gaps {
        /// The group.
        group: String,
        /// Minutes without any datapoint.
        imputed: usize,
        /// All minutes.
        minutes: usize,
    },
}

/// Two hours: less says nothing about any policy.
const LEAST_MINUTES: usize = 120;

impl History {
    /// A group's past from what was read of it, in any order.
    pub fn of(
        group: &str,
        bounds: RangeInclusive<u32>,
        boots_s: Vec<f64>,
        readings: &[Reading],
    ) -> Result<Self, HistoryError> {
        let group = group.to_owned();
        let asked = readings.iter().filter(|reading| reading.requests.is_some()).count();
        if asked < LEAST_MINUTES {
            return Err(HistoryError::TooShort { group, minutes: asked });
        }
        if readings.iter().all(|reading| reading.in_service.is_none()) {
            return Err(HistoryError::NoCapacity { group });
        }
        let (minutes, imputed) = gaps::filled(readings);
        if imputed * 10 > minutes.len() {
            return Err(HistoryError::Gaps { group, imputed, minutes: minutes.len() });
        }
        Ok(Self { group, bounds, boots_s, minutes, imputed })
    }

    /// The load.
    pub fn trace(&self) -> Trace {
        let requests = self.minutes.iter().map(|minute| minute.requests.round() as u64).collect();
        Trace { name: self.group.clone(), bin_s: 60, requests }
    }

    /// The length in days.
    pub fn days(&self) -> f64 {
        self.minutes.len() as f64 / 1440.0
    }
}

impl Minute {
    /// Requests per second and instance.
    pub fn load_per_s(&self) -> f64 {
        self.requests / 60.0 / self.in_service.max(1.0)
    }
}
