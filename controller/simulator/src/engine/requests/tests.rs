//! One request at a time, against the formulas.

use rand_distr::Distribution;

use super::*;
use crate::plant::Routing;
use crate::response::Service;

fn instances(count: u64) -> Vec<Instance> {
    (0..count).map(|index| Instance { index, launched_at: 0.0, ready_at: 0.0 }).collect()
}

fn run(plant: &Plant, per_s: f64, steps: u32, instances: &[Instance]) -> (Served, f64) {
    let mut engine = Requests::new(plant, 3);
    let mut random = SmallRng::seed_from_u64(4);
    let poisson = rand_distr::Poisson::new(per_s * STEP_S).unwrap();
    let mut sum = Served::default();
    for step in 0..steps {
        let arrived = poisson.sample(&mut random);
        let served = engine.serve(f64::from(step) * STEP_S, arrived, instances);
        sum.completed += served.completed;
        sum.lost += served.lost;
        sum.slow += served.slow;
    }
    (sum, engine.take_p95_s().unwrap())
}

#[test]
fn a_pool_answers_as_erlangs_formulas_say() {
    let plant = Plant::default();
    for (utilisation, tolerance) in [(0.5, 0.02), (0.8, 0.02), (0.9, 0.05)] {
        let (served, p95_s) = run(&plant, 20.0 * utilisation, 6_000, &instances(1));
        let response = Service::new(0.4, 1.0).response(8, utilisation);
        assert!((response.slower_than(p95_s) / 0.05 - 1.0).abs() < 5.0 * tolerance, "p95 {p95_s} s");
        let slow = served.slow / served.completed / response.slower_than(3.0);
        assert!((slow - 1.0).abs() < 6.0 * tolerance, "{slow} of the formula's slow share");
    }
}

#[test]
fn the_even_routings_wait_less_and_the_fewest_outstanding_least() {
    let p95_s = |routing| {
        let plant = Plant { routing, ..Plant::default() };
        run(&plant, 5.0 * 20.0 * 0.9, 600, &instances(5)).1
    };
    let [random, round_robin, least] =
        [Routing::Random, Routing::RoundRobin, Routing::LeastOutstanding].map(p95_s);
    assert!(least < round_robin && round_robin < random, "{least}, {round_robin}, {random} s");
}

#[test]
fn a_service_that_varies_more_is_slower_at_the_same_load() {
    let varied = Plant { service_cv: 1.5, ..Plant::default() };
    let (usual, varied) =
        (run(&Plant::default(), 18.0, 2_000, &instances(1)).1, run(&varied, 18.0, 2_000, &instances(1)).1);
    assert!(varied > usual);
}

#[test]
fn every_request_is_answered_or_lost() {
    let plant = Plant::default();
    let mut engine = Requests::new(&plant, 1);
    let (mut gone, mut arrived) = (0.0, 0.0);
    for step in 0..100 {
        let now = f64::from(step) * STEP_S;
        let requests = if step < 30 { 1234.5 } else { 0.0 };
        let served = engine.serve(now, requests, &instances(if step < 20 { 4 } else { 2 }));
        arrived += requests;
        gone += served.completed + served.lost;
    }
    assert!((arrived - gone - engine.carried).abs() < 1e-6);
}

#[test]
fn a_target_that_drains_finishes_what_it_can_and_the_rest_is_lost() {
    let plant = Plant { drain_s: 5.0, ..Plant::default() };
    let mut engine = Requests::new(&plant, 1);
    // Forty seconds' work for each of two instances; then one leaves, with five seconds to finish.
    engine.serve(0.0, 1600.0, &instances(2));
    let after: Vec<Served> =
        (1..6).map(|i| engine.serve(f64::from(i) * STEP_S, 0.0, &instances(1))).collect();
    let lost: f64 = after.iter().map(|served| served.lost).sum();
    assert!((450.0..550.0).contains(&lost), "{lost} lost");
}

#[test]
fn nobody_there_means_all_is_lost() {
    let plant = Plant::default();
    let served = Requests::new(&plant, 1).serve(0.0, 7.0, &[]);
    assert_eq!(served, Served { completed: 0.0, lost: 7.0, slow: 7.0 });
}
