//! What an instance serves is not what was thought, or no longer what it was. Each is survived: the violations are
//! bounded, and the fleet ends near what the new truth needs.

#![allow(clippy::unwrap_used, reason = "tests")]

mod plant;

use plant::{CAPACITY_PER_S, Plant, local, policy};
use scaling::{Policy, Settings, State};

const HOUR_S: u32 = 3_600;

/// Where a fleet lives: sized with a fixed margin in the local cloud's quick times, or by risk behind a load balancer.
#[derive(Clone, Copy, Debug)]
enum World {
    Local,
    Alb,
}

/// A fleet with its controller.
struct Loop {
    world: World,
    policy: Policy,
    plant: Plant,
    state: State,
}

impl Loop {
    fn new(world: World, prior_per_s: Option<f64>) -> Self {
        let settings = match world {
            World::Local => local(),
            World::Alb => Settings::default(),
        };
        let plant = match world {
            World::Local => Plant::new(11, 8),
            World::Alb => Plant::behind_alb(11, 8),
        };
        let policy = policy(Settings { instance_capacity_per_s: prior_per_s, ..settings });
        Self { world, policy, plant, state: State::default() }
    }

    /// About five instances' worth of requests, up and down in each hour. Returns the seconds that were slow.
    fn run(&mut self, seconds: u32) -> u32 {
        let (before, start) = (self.plant.slow_s, self.plant.now);
        let phase = |second: u32| f64::from(start + second) * std::f64::consts::TAU / f64::from(HOUR_S);
        self.plant.run(&self.policy, &mut self.state, seconds, |second| 98.0 + 14.0 * phase(second).sin());
        self.plant.slow_s - before
    }

    /// The fleet is no smaller than the bare demand, and no larger than one with a margin of a half: and one for the
    /// whole number, and one for a demand that has not changed enough to be decided on anew.
    fn assert_fits(&self, what: &str) {
        let bare = 98.0 / (CAPACITY_PER_S * self.plant.speed);
        let (least, most) = (0.9 * bare, 1.5 * bare + 2.0);
        let fleet = f64::from(self.plant.in_service());
        assert!(
            (least..=most).contains(&fleet),
            "{:?}, {what}: {fleet}, not {least:.1} to {most:.1}",
            self.world
        );
    }
}

/// A fleet that is too small by its prior learns so from its first overload, one that is too large from its CPU.
#[test]
fn a_prior_that_is_wrong_by_a_factor_of_two_is_survived() {
    for (world, seconds, factor, cpu, most_slow_s) in [
        (World::Local, 1_800, 2.0, true, 0),
        (World::Local, 1_800, 2.0, false, 30),
        (World::Local, 1_800, 0.5, true, 0),
        (World::Alb, 5 * HOUR_S, 2.0, true, 0),
        (World::Alb, 5 * HOUR_S, 2.0, false, 600),
        (World::Alb, 5 * HOUR_S, 0.5, true, 0),
    ] {
        let mut group = Loop::new(world, Some(factor * CAPACITY_PER_S));
        group.plant.cpu = cpu;
        let slow_s = group.run(seconds);
        let what = format!("a prior of {factor} times the truth, CPU {cpu}");
        assert!(slow_s <= most_slow_s, "{world:?}, {what}: slow for {slow_s} s");
        group.assert_fits(&what);
    }
}

/// Service slows down to two thirds over an hour and a half, as data grow.
#[test]
fn a_slow_drift_of_the_service_time_is_survived() {
    for (world, settling_s, most_slow_s) in [(World::Local, 600, 20), (World::Alb, 4 * HOUR_S, 60)] {
        let mut group = Loop::new(world, None);
        group.run(settling_s);
        let slow_s: u32 = (0..90)
            .map(|minute| {
                group.plant.speed = 1.0 - f64::from(minute) / 270.0;
                group.run(60)
            })
            .sum();
        assert!(slow_s <= most_slow_s, "{world:?}: slow for {slow_s} s of 5400");
        group.assert_fits("drifted");
    }
}

/// A release makes every request take half as long again, from one second to the next; and the next takes it back.
#[test]
fn a_sudden_change_of_the_service_time_is_survived() {
    for (world, hour_s, cpu, most_slow_s) in [
        (World::Local, 1_200, true, 20),
        (World::Local, 1_200, false, 20),
        (World::Alb, 4 * HOUR_S, true, 960),
        (World::Alb, 4 * HOUR_S, false, 960),
    ] {
        let mut group = Loop::new(world, Some(CAPACITY_PER_S));
        group.plant.cpu = cpu;
        group.run(hour_s);
        group.plant.speed = 1.0 / 1.5;
        let slow_s = group.run(hour_s);
        assert!(slow_s <= most_slow_s, "{world:?}, CPU {cpu}: slow for {slow_s} s");
        group.assert_fits("slower");
        group.plant.speed = 1.0;
        group.run(hour_s);
        if cpu {
            group.assert_fits("as fast as before");
        }
    }
}
