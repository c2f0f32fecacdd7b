//! What each peer does, in the words of its documentation: a fleet that follows at once, a datapoint a minute.

use scaling::{Datapoint, Fleet, Observation};

use super::*;
use crate::policy::Policy;

#[derive(Clone, Copy)]
struct Minute {
    requests_per_s: f64,
    p95_s: f64,
    cpu_percent: f64,
}

const CALM: Minute = Minute { requests_per_s: 140.0, p95_s: 1.3, cpu_percent: 50.0 };

fn load(requests_per_s: f64) -> Minute {
    Minute { requests_per_s, ..CALM }
}

fn p95(p95_s: f64) -> Minute {
    Minute { p95_s, ..CALM }
}

fn cpu(cpu_percent: f64) -> Minute {
    Minute { cpu_percent, ..CALM }
}

/// What the policy asks for at the end of each minute, when that minute's datapoint appears.
fn drive(policy: &mut dyn Policy, mut instances: u32, minutes: &[Minute]) -> Vec<u32> {
    let mut told = Vec::new();
    for (minute, start_s) in minutes.iter().zip((0..).map(|i| f64::from(i) * 60.0)) {
        let at = start_s + 60.0;
        let fleet = Fleet {
            desired: instances,
            in_service: instances,
            pending: 0,
            min: 2,
            max: 40,
            boots_s: Vec::new(),
        };
        let datapoint = Datapoint {
            at: start_s,
            period_s: 60.0,
            requests_per_s: Some(minute.requests_per_s),
            latency_p95_s: Some(minute.p95_s),
            cpu_percent: Some(minute.cpu_percent),
            in_service: Some(f64::from(instances)),
            ..Datapoint::default()
        };
        instances =
            policy.desired(&Observation { at, fleet: Some(fleet), datapoints: vec![datapoint] }).clamp(2, 40);
        told.push(instances);
    }
    told
}

#[test]
fn target_tracking_waits_for_3_points_out_and_15_in() {
    let mut policy = TargetTracking::new(Metric::RequestsPerTarget, 14.0, TargetTracking::USUAL);
    assert_eq!(drive(&mut policy, 10, &[load(200.0); 4]), vec![10, 10, 15, 15]);
    let mut policy = TargetTracking::new(Metric::RequestsPerTarget, 14.0, TargetTracking::USUAL);
    let told = drive(&mut policy, 10, &[load(100.0); 15]);
    assert_eq!((told[13], told[14]), (10, 8));
}

#[test]
fn target_tracking_holds_between_its_alarms() {
    let mut policy = TargetTracking::new(Metric::RequestsPerTarget, 14.0, TargetTracking::IMPATIENT);
    assert_eq!(drive(&mut policy, 10, &[load(128.0); 20]), vec![10; 20]);
}

#[test]
fn target_tracking_does_not_shrink_while_it_warms_up() {
    let mut policy = TargetTracking::new(Metric::RequestsPerTarget, 14.0, TargetTracking::IMPATIENT);
    let minutes = [vec![load(200.0)], vec![load(50.0); 6]].concat();
    // The low alarm has its five points at minute 6; the launch of minute 1 is warm at minute 4.
    assert_eq!(drive(&mut policy, 10, &minutes), vec![15, 15, 15, 15, 15, 4, 4]);
}

#[test]
fn target_tracking_on_latency_takes_it_to_be_proportional() {
    let mut policy = TargetTracking::new(Metric::LatencyP95, 1.5, TargetTracking::IMPATIENT);
    assert_eq!(drive(&mut policy, 10, &[p95(3.0)]), vec![20]);
    let mut policy = TargetTracking::new(Metric::Cpu, 70.0, TargetTracking::IMPATIENT);
    assert_eq!(drive(&mut policy, 10, &[cpu(84.0)]), vec![12]);
}

#[test]
fn a_metric_without_a_value_holds() {
    let mut policy = TargetTracking::new(Metric::LatencyP95, 1.5, TargetTracking::IMPATIENT);
    let fleet = Fleet { desired: 7, in_service: 7, pending: 0, min: 2, max: 40, boots_s: Vec::new() };
    let datapoint = Datapoint { at: 0.0, period_s: 60.0, in_service: Some(7.0), ..Datapoint::default() };
    let observation = Observation { at: 60.0, fleet: Some(fleet), datapoints: vec![datapoint] };
    assert_eq!(policy.desired(&observation), 7);
}

#[test]
fn steps_grow_with_the_distance_and_are_rounded_as_amazon_does() {
    let table =
        [(10, 65.0, 11), (10, 75.0, 13), (10, 85.0, 16), (3, 65.0, 4), (19, 65.0, 20), (10, 60.0, 10)];
    for (instances, percent, wanted) in table {
        let told = drive(&mut StepScaling::on_cpu(60.0, 20.0, 1.0), instances, &[cpu(percent)]);
        assert_eq!(told, vec![wanted], "{instances} instances at {percent} %");
    }
}

#[test]
fn what_warms_up_counts_towards_the_next_step() {
    let told = drive(&mut StepScaling::on_cpu(60.0, 20.0, 1.0), 10, &[cpu(65.0), cpu(65.0), cpu(85.0)]);
    assert_eq!(told, vec![11, 11, 16]);
}

#[test]
fn steps_shrink_after_15_low_points_and_then_each_minute_or_as_they_are_told() {
    let told = |wait_min| drive(&mut StepScaling::on_cpu(60.0, 20.0, wait_min), 20, &[cpu(30.0); 18]);
    assert_eq!(told(1.0)[13..], [20, 18, 17, 16, 15]);
    assert_eq!(told(15.0)[13..], [20, 18, 18, 18, 18]);
}

#[test]
fn hpa_tolerates_a_tenth_and_at_most_doubles_or_adds_four() {
    let table = [(10, 153.0, 10), (10, 160.0, 12), (10, 500.0, 20), (2, 500.0, 6)];
    for (instances, requests_per_s, wanted) in table {
        let told = drive(&mut Hpa::new(14.0, 0), instances, &[load(requests_per_s)]);
        assert_eq!(told, vec![wanted], "{instances} instances at {requests_per_s} requests/s");
    }
}

#[test]
fn hpa_shrinks_to_the_highest_recommendation_of_5_minutes() {
    let minutes = [vec![load(140.0)], vec![load(70.0); 2], vec![load(42.0); 6]].concat();
    assert_eq!(drive(&mut Hpa::new(14.0, 0), 10, &minutes), vec![10, 10, 10, 10, 10, 10, 5, 5, 3]);
    assert_eq!(drive(&mut Hpa::new(14.0, 8), 10, &minutes)[8], 8);
}

#[test]
fn nomad_ignores_a_hundredth_and_rests_for_5_minutes() {
    let mut policy = TargetValue::new(Metric::RequestsPerTarget, 14.0);
    assert_eq!(drive(&mut policy, 10, &[load(141.0)]), vec![10]);
    let mut policy = TargetValue::new(Metric::RequestsPerTarget, 14.0);
    let minutes = [vec![load(200.0)], vec![load(279.0); 6]].concat();
    assert_eq!(drive(&mut policy, 10, &minutes), vec![15, 15, 15, 15, 15, 20, 20]);
}

#[test]
fn the_rules_add_two_and_take_one() {
    let told = drive(&mut Rules::new(70.0, 30.0), 10, &[p95(3.1), p95(3.1), p95(3.1), p95(3.1), CALM]);
    assert_eq!(told, vec![12, 12, 12, 14, 14]);
    assert_eq!(drive(&mut Rules::new(70.0, 30.0), 10, &[cpu(75.0); 5])[3..], [10, 12]);
    assert_eq!(drive(&mut Rules::new(70.0, 30.0), 10, &[cpu(25.0); 15])[13..], [10, 9]);
    assert_eq!(drive(&mut Rules::new(70.0, 30.0), 10, &[p95(0.9)]), vec![9]);
}

#[test]
fn predictive_scaling_launches_5_minutes_before_yesterdays_busy_hour() {
    // An hour of 280 requests/s at noon of the first day; the second day stays calm.
    let per_s = |minute: usize| if (720..780).contains(&minute) { 280.0 } else { 28.0 };
    let minutes: Vec<Minute> = (0..2880).map(|minute| load(per_s(minute))).collect();
    let told = drive(&mut Predictive::new(14.0), 2, &minutes);
    let noon = 1440 + 720;
    assert_eq!((told[700], told[noon - 7], told[noon - 5]), (2, 2, 20));
}

#[test]
fn foresight_asks_for_the_most_that_its_lead_will_need() {
    let need = vec![2, 2, 2, 2, 9, 2, 2, 2];
    let told = drive(&mut Foresight::new(need, 120.0), 2, &[CALM; 6]);
    assert_eq!(told, vec![2, 9, 9, 9, 2, 2]);
}
