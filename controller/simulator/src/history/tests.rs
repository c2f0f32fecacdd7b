//! What readings become, and what they cannot become.

use super::*;

fn reading(minute: i64) -> Reading {
    let (requests, in_service) = (Some(600.0), Some(3.0));
    Reading { start_s: minute * 60, requests, in_service, latency_p95_s: Some(1.2), cpu_percent: Some(50.0) }
}

fn history(readings: &[Reading]) -> Result<History, HistoryError> {
    History::of("web", 2..=20, Vec::new(), readings)
}

#[test]
fn minutes_are_contiguous_whatever_the_order_and_a_missing_one_repeats_the_one_before() {
    let mut readings: Vec<Reading> = (0..200).filter(|minute| *minute != 50).map(reading).collect();
    readings.reverse();
    let history = history(&readings).unwrap();
    assert_eq!((history.minutes.len(), history.imputed), (200, 1));
    assert_eq!((history.minutes[50].requests, history.minutes[50].latency_p95_s), (600.0, None));
    assert_eq!(history.trace().requests, vec![600; 200]);
    assert!((history.minutes[0].load_per_s() - 10.0 / 3.0).abs() < 1e-12);
}

#[test]
fn no_count_beside_other_datapoints_means_that_nobody_asked() {
    let mut readings: Vec<Reading> = (0..200).map(reading).collect();
    readings[7] = Reading { requests: None, latency_p95_s: None, in_service: None, ..readings[7] };
    let history = history(&readings).unwrap();
    assert_eq!((history.minutes[7].requests, history.minutes[7].in_service), (0.0, 3.0));
    assert_eq!(history.imputed, 0);
}

#[test]
fn what_nothing_can_be_learned_from_is_said() {
    let error = |readings: &[Reading]| history(readings).unwrap_err().to_string();
    let short: Vec<Reading> = (0..100).map(reading).collect();
    assert!(
        error(&short)
            .starts_with("group web: CloudWatch has 100 minutes with requests; allowed: at least 120")
    );
    let uncounted: Vec<Reading> =
        (0..200).map(|minute| Reading { in_service: None, ..reading(minute) }).collect();
    assert!(error(&uncounted).contains("GroupInServiceInstances"));
    let with_holes: Vec<Reading> = (0..300).filter(|minute| minute % 2 == 0).map(reading).collect();
    assert_eq!(
        error(&with_holes),
        "group web: CloudWatch has nothing of 149 of 299 minutes; allowed: a tenth of them"
    );
}
