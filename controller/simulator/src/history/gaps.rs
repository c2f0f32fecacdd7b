//! Readings become contiguous minutes.

use std::collections::BTreeMap;

use super::{Minute, Reading};

/// The minutes from the first reading to the last, and how many of them had none.
///
/// No count of requests beside other datapoints means that nobody asked: CloudWatch has no zeros of them.
pub(super) fn filled(readings: &[Reading]) -> (Vec<Minute>, usize) {
    let read: BTreeMap<i64, &Reading> = readings.iter().map(|r| (r.start_s.div_euclid(60), r)).collect();
    let (Some((first, _)), Some((last, _))) = (read.first_key_value(), read.last_key_value()) else {
        return (Vec::new(), 0);
    };
    // Before the group was first counted it had as many instances as then.
    let mut before = Minute {
        requests: 0.0,
        latency_p95_s: None,
        cpu_percent: None,
        in_service: read.values().find_map(|reading| reading.in_service).unwrap_or(1.0),
    };
    let mut imputed = 0;
    let minutes = (*first..=*last).map(|minute| {
        before = if let Some(reading) = read.get(&minute) {
            of(reading, &before)
        } else {
            imputed += 1;
            Minute { latency_p95_s: None, cpu_percent: None, ..before }
        };
        before
    });
    let minutes = minutes.collect();
    (minutes, imputed)
}

fn of(reading: &Reading, before: &Minute) -> Minute {
    Minute {
        requests: reading.requests.unwrap_or(0.0),
        latency_p95_s: reading.latency_p95_s,
        cpu_percent: reading.cpu_percent,
        in_service: reading.in_service.unwrap_or(before.in_service),
    }
}
