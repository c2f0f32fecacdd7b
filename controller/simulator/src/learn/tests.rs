//! Histories made by a known plant give it back.

use super::*;
use crate::history::Minute;
use crate::response::Service;

/// Six hours of an instance's load from nothing to `highest` and back, on two instances, at the formula's p95 and up
/// to 8 % beside it.
fn history(highest_per_s: f64, cpu: bool) -> History {
    let plant = Plant::default();
    let service = Service::new(plant.service_s, 1.0);
    let minutes = (0..360).map(|minute| {
        let rise = (f64::from(minute) / 360.0 * std::f64::consts::PI).sin();
        let load_per_s = 0.5 + (highest_per_s - 0.5) * rise;
        let utilisation = load_per_s / plant.capacity_per_s();
        let noise = 1.0 + 0.08 * (f64::from(minute) * 12.9).sin();
        Minute {
            requests: load_per_s * 2.0 * 60.0,
            latency_p95_s: Some(noise * service.response(plant.slots, utilisation).p95_s()),
            cpu_percent: cpu.then_some(60.0 * utilisation),
            in_service: 2.0,
        }
    });
    History {
        group: "web".to_owned(),
        bounds: 2..=20,
        boots_s: vec![50.0, 60.0, 70.0, 80.0, 120.0],
        minutes: minutes.collect(),
        imputed: 0,
    }
}

#[test]
fn a_history_that_reaches_the_cliff_gives_the_plant_back() {
    let learned = learn(&history(19.2, true), 3.0, None).unwrap();
    assert!((learned.curve.capacity_per_s / 20.0 - 1.0).abs() < 0.03, "{:?}", learned.curve);
    assert!((learned.plant.service_s / 0.4 - 1.0).abs() < 0.1, "{:?}", learned.plant);
    let Source::Cliff { least_per_s, most_per_s } = learned.curve.source else {
        panic!("{:?}", learned.curve)
    };
    assert!(
        least_per_s <= 20.0 && 20.0 <= most_per_s && most_per_s < 1.2 * least_per_s,
        "{:?}",
        learned.curve.source
    );
    assert!((learned.plant.cpu_at_capacity_percent - 60.0).abs() < 3.0);
    assert!(learned.sentences()[0].contains("the history shows its latency rise"));
}

#[test]
fn one_that_does_not_says_so_and_goes_by_the_cpu() {
    let learned = learn(&history(12.0, true), 3.0, None).unwrap();
    // The CPU of this plant is at 60 % when all its slots are busy, which a quiet history cannot know.
    assert_eq!(learned.curve.source, Source::Cpu);
    assert!((learned.curve.capacity_per_s / (20.0 / 0.6) - 1.0).abs() < 0.01);
    assert!((learned.plant.service_s / 0.4 - 1.0).abs() < 0.05);
    assert!(learned.sentences()[0].starts_with("The history does not show the cliff"));
}

#[test]
fn without_cliff_and_cpu_the_operator_is_asked() {
    assert_eq!(learn(&history(12.0, false), 3.0, None), Err(LearnError::NoLimit));
    let told = learn(&history(12.0, false), 3.0, Some(20.0)).unwrap();
    assert_eq!((told.plant.slots, told.curve.source), (8, Source::Told));
}

#[test]
fn a_fleet_that_never_stands_still_teaches_nothing() {
    let mut moving = history(19.0, true);
    for (minute, count) in moving.minutes.iter_mut().zip((2..4).cycle()) {
        minute.in_service = f64::from(count);
    }
    assert_eq!(learn(&moving, 3.0, None), Err(LearnError::NotSteady { minutes: 0 }));
}

#[test]
fn minutes_that_work_off_a_backlog_are_left_out() {
    let mut history = history(12.0, true);
    for minute in 100..104 {
        history.minutes[minute].latency_p95_s = Some(30.0 - minute as f64 / 10.0);
        history.minutes[minute].requests = f64::from(9000 - 80 * minute as u32);
    }
    let slow = bins::steady(&history.minutes).iter().filter(|minute| minute.p95_s > 10.0).count();
    assert_eq!(slow, 1, "the minute that made the backlog stays");
}

#[test]
fn boots_are_measured_where_there_are_enough() {
    let learned = learn(&history(12.0, true), 3.0, None).unwrap();
    assert_eq!(learned.plant.boot, Boot { median_s: 70.0, p90_s: 120.0 });
    let few = History { boots_s: vec![10.0; 4], ..history(12.0, true) };
    let learned = learn(&few, 3.0, None).unwrap();
    assert_eq!(learned.plant.boot, Plant::default().boot);
    assert!(learned.sentences()[2].contains("too few to learn from"));
}
