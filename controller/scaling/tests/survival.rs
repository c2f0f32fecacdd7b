//! What an instance serves is not what was thought, or no longer what it was. Each is survived: the violations are
//! bounded, and the fleet ends near what the new truth needs.

#![allow(clippy::unwrap_used, reason = "tests")]

mod plant;

use plant::{CAPACITY_PER_S, Plant, local, policy};
use scaling::{Policy, Settings, State};

/// Six and a half to seven and a half instances' worth of requests at 70 %, in a rhythm of ten minutes.
fn load_per_s(second: u32) -> f64 {
    98.0 + 14.0 * (f64::from(second) * std::f64::consts::TAU / 600.0).sin()
}

/// The fleet that a fixed margin or a risk would size for the mean load, at least and at most.
fn fits(plant: &Plant) -> (f64, f64) {
    let bare = 98.0 / (CAPACITY_PER_S * plant.speed);
    (bare, 1.9 * bare)
}

fn assert_fits(plant: &Plant, what: &str) {
    let (least, most) = fits(plant);
    let fleet = f64::from(plant.in_service());
    assert!((least..=most).contains(&fleet), "{what}: {fleet}, not {least:.1} to {most:.1}");
}

fn believing(prior_per_s: Option<f64>) -> Policy {
    policy(Settings { instance_capacity_per_s: prior_per_s, ..local() })
}

/// A fleet that is too small by its prior learns so from its first overload, one that is too large from its CPU.
#[test]
fn a_prior_that_is_wrong_by_a_factor_of_two_is_survived() {
    for (factor, most_slow_s) in [(2.0, 90), (0.5, 5)] {
        for cpu in [true, false] {
            let policy = believing(Some(factor * CAPACITY_PER_S));
            let (mut plant, mut state) = (Plant::new(11, 5), State::default());
            plant.cpu = cpu;
            plant.run(&policy, &mut state, 1_800, load_per_s);
            let what = format!("a prior of {factor} times the truth, CPU {cpu}");
            assert!(plant.slow_s <= most_slow_s, "{what}: slow for {} s", plant.slow_s);
            if cpu || factor > 1.0 {
                assert_fits(&plant, &what);
            }
        }
    }
}

/// An hour and a half in which service slows down to two thirds, as data grow.
#[test]
fn a_slow_drift_of_the_service_time_is_survived() {
    let policy = believing(None);
    let (mut plant, mut state) = (Plant::new(12, 8), State::default());
    plant.run(&policy, &mut state, 600, load_per_s);
    let before = plant.slow_s;
    for minute in 0..90 {
        plant.speed = 1.0 - f64::from(minute) / 270.0;
        plant.run(&policy, &mut state, 60, |s| load_per_s(minute * 60 + s));
    }
    let slow_s = plant.slow_s - before;
    assert!(slow_s <= 54, "slow for {slow_s} s of 5400, more than 1 %");
    assert_fits(&plant, "drifted");
}

/// A release makes every request take half as long again, from one second to the next.
#[test]
fn a_sudden_change_of_the_service_time_is_survived() {
    for cpu in [true, false] {
        let policy = believing(Some(CAPACITY_PER_S));
        let (mut plant, mut state) = (Plant::new(13, 8), State::default());
        plant.cpu = cpu;
        plant.run(&policy, &mut state, 1_200, load_per_s);
        let before = plant.slow_s;
        plant.speed = 1.0 / 1.5;
        plant.run(&policy, &mut state, 1_800, load_per_s);
        let slow_s = plant.slow_s - before;
        assert!(slow_s <= 90, "CPU {cpu}: slow for {slow_s} s");
        assert_fits(&plant, &format!("slower, CPU {cpu}"));
        // And back: what was added for the slow release is given up again.
        plant.speed = 1.0;
        plant.run(&policy, &mut state, 3_600, load_per_s);
        if cpu {
            assert_fits(&plant, "as fast as before");
        }
    }
}
