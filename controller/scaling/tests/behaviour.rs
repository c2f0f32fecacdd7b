//! Single situations, each told from start to end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_pass_by_value, reason = "tests")]

mod plant;

use plant::{MIN, Plant, actions, local, policy};
use scaling::{
    Action, Datapoint, Fleet, Notice, Observation, Pause, Reason, Settings, State, Strategy, Target, decide,
};

/// A minute of `load_per_s` on `desired` instances whose capacity the operator knows.
fn settled(settings: Settings, desired: u32, load_per_s: f64) -> (scaling::Policy, Plant, State) {
    let policy = policy(Settings { instance_capacity_per_s: Some(plant::CAPACITY_PER_S), ..settings });
    let (mut plant, mut state) = (Plant::new(7, desired), State::default());
    plant.run(&policy, &mut state, 60, |_| load_per_s);
    (policy, plant, state)
}

#[test]
fn a_surge_is_met_by_the_demand_it_brings() {
    let (policy, mut plant, mut state) = settled(local(), MIN, 12.0);
    let decisions = plant.run(&policy, &mut state, 60, |s| 12.0 + f64::from(s.min(20)) * 5.4);
    let actions = actions(&decisions);
    assert_eq!(actions[0].action, Action::ScaleOut);
    assert!(plant.in_service() >= 8, "{}", plant.in_service());
    assert!(actions[0].at < 60.0 + 20.0, "{}", actions[0].explain());
}

#[test]
fn silence_of_the_metrics_freezes_the_fleet() {
    let (policy, mut plant, mut state) = settled(local(), 8, 90.0);
    plant.metrics = false;
    let decisions = plant.run(&policy, &mut state, 300, |_| 10.0);
    assert_eq!(actions(&decisions).len(), 0);
    assert_eq!(decisions.last().unwrap().reason, Reason::MetricsStale);
}

#[test]
fn a_quiet_night_shrinks_to_the_minimum() {
    let (policy, mut plant, mut state) = settled(local(), 8, 90.0);
    plant.run(&policy, &mut state, 200, |_| 0.0);
    assert_eq!(plant.in_service(), MIN);
}

#[test]
fn fast_errors_do_not_look_like_health() {
    let (policy, mut plant, mut state) = settled(local(), 8, 90.0);
    plant.failing = 0.5;
    let decisions = plant.run(&policy, &mut state, 120, |_| 20.0);
    assert!(actions(&decisions).iter().all(|d| d.action == Action::ScaleOut));
}

#[test]
fn instances_that_do_not_help_are_not_piled_up() {
    let policy = policy(Settings { instance_capacity_per_s: Some(100.0), ..local() });
    let mut state = State::default();
    let mut decisions = Vec::new();
    let mut desired = 4;
    for tick in 0..120u32 {
        let at = f64::from(tick);
        // Whatever the number of instances, the database behind them makes everything take nine seconds.
        let datapoint = Datapoint {
            at: at - 6.0,
            period_s: 5.0,
            requests_per_s: Some(30.0),
            latency_p95_s: Some(9.0),
            samples: Some(150.0),
            healthy: Some(f64::from(desired)),
            ..Datapoint::default()
        };
        let datapoints = if tick % 5 == 0 { vec![datapoint] } else { Vec::new() };
        let fleet = Fleet { desired, in_service: desired, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
        let (decision, next) = decide(&policy, state, &Observation { at, fleet: Some(fleet), datapoints });
        (desired, state) = (decision.desired.unwrap(), next);
        decisions.push(decision);
    }
    assert_eq!(actions(&decisions).iter().map(|d| d.desired.unwrap()).collect::<Vec<_>>(), [6, 8]);
    assert_eq!(decisions.last().unwrap().reason, Reason::AddingDidNotHelp);
}

/// Zones run out of capacity, and instances crash as they start.
#[test]
fn an_instance_that_never_comes_is_not_waited_for_for_ever() {
    for strategy in [Strategy::FeedForward, Strategy::Rules] {
        let policy = policy(Settings { strategy, ..local() });
        let mut state = State::default();
        let mut first_out_s = None;
        for tick in 0..300u32 {
            let at = 1000.0 + f64::from(tick);
            let slow = Datapoint {
                at: at - 6.0,
                period_s: 5.0,
                requests_per_s: Some(30.0),
                latency_p95_s: Some(9.0),
                samples: Some(150.0),
                healthy: Some(5.0),
                ..Datapoint::default()
            };
            let datapoints = if tick % 5 == 0 { vec![slow] } else { Vec::new() };
            let fleet = Fleet { desired: 6, in_service: 5, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
            let (decision, next) =
                decide(&policy, state, &Observation { at, fleet: Some(fleet), datapoints });
            state = next;
            if decision.action == Action::ScaleOut {
                first_out_s.get_or_insert(at - 1000.0);
            }
        }
        let patience_s = 3.0 * local().boot_s;
        let first_out_s = first_out_s.expect("more are asked for in the end");
        assert!((patience_s..patience_s + 30.0).contains(&first_out_s), "{strategy:?}: {first_out_s}");
    }
}

#[test]
fn a_pause_is_a_named_hold_and_the_loop_goes_on() {
    let (_, mut plant, mut state) = settled(local(), MIN, 12.0);
    let paused = policy(Settings { pause: Pause::All, ..local() });
    let decisions = plant.run(&paused, &mut state, 60, |_| 120.0);
    assert!(decisions.iter().all(|d| d.reason == Reason::Paused && d.action == Action::Hold));
    assert!(decisions.last().unwrap().candidates[0].wants > Some(MIN), "it still says what it would want");
}

#[test]
fn a_foreign_change_is_noticed_once_and_respected() {
    let (policy, mut plant, mut state) = settled(local(), 4, 50.0);
    plant.set_desired(9);
    let decisions = plant.run(&policy, &mut state, 5, |_| 50.0);
    assert_eq!(decisions[0].notices, [Notice::ForeignChange { expected: 4, found: 9 }]);
    assert_eq!(decisions[0].desired, Some(9));
    assert!(decisions[1..].iter().all(|d| d.notices.is_empty()));
}

#[test]
fn without_aws_nothing_is_assumed() {
    let (policy, _, state) = settled(local(), 4, 50.0);
    let (decision, _) =
        decide(&policy, state, &Observation { at: 100.0, fleet: None, datapoints: Vec::new() });
    assert_eq!((decision.reason, decision.desired), (Reason::FleetUnknown, None));
    assert_eq!(
        decision.explain(),
        "Hold: AWS did not answer, and nothing is assumed; p95 unknown, the last datapoint being 45 s old."
    );
}

#[test]
fn the_roadmaps_rules_step_by_two_and_wait_for_the_effect() {
    let rules = Settings { strategy: Strategy::Rules, ..local() };
    let (policy, mut plant, mut state) = settled(rules, MIN, 30.0);
    let decisions = plant.run(&policy, &mut state, 120, |_| 150.0);
    let outs = actions(&decisions);
    assert!(outs.len() >= 2);
    assert!(
        outs.iter()
            .all(|d| d.reason == Reason::RuleLatencyHigh && d.desired.unwrap() == d.current.unwrap() + 2)
    );
    assert!(outs.windows(2).all(|two| two[1].at - two[0].at >= 10.0));
}

#[test]
fn target_tracking_goes_to_what_its_metric_asks_for_and_back() {
    let target = Some(Target::RequestsPerS(10.0));
    let tracking = Settings { strategy: Strategy::TargetTracking, target, ..local() };
    let (policy, mut plant, mut state) = settled(tracking, MIN, 15.0);
    let decisions = plant.run(&policy, &mut state, 120, |_| 95.0);
    let outs = actions(&decisions);
    assert!(outs.iter().all(|d| d.reason == Reason::AboveTarget && d.action == Action::ScaleOut));
    // Three periods of five seconds above the target, and one more until the last is seen.
    assert!((75.0..=82.0).contains(&outs[0].at), "{}", outs[0].explain());
    assert!((10..=12).contains(&plant.in_service()), "{}", plant.in_service());
    let decisions = plant.run(&policy, &mut state, 120, |_| 15.0);
    let ins = actions(&decisions);
    assert!(ins.iter().all(|d| d.reason == Reason::BelowTarget), "{}", ins[0].explain());
    assert_eq!(plant.in_service(), MIN);
}

#[test]
fn a_group_below_the_policys_minimum_is_raised_without_any_metric() {
    let policy = policy(Settings { min: Some(3), ..local() });
    let fleet = Fleet { desired: 2, in_service: 2, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
    let (decision, _) = decide(
        &policy,
        State::default(),
        &Observation { at: 0.0, fleet: Some(fleet), datapoints: Vec::new() },
    );
    assert_eq!((decision.reason, decision.desired), (Reason::BelowMinimum, Some(3)));
}

#[test]
fn a_state_of_a_newer_program_is_refused_by_name() {
    let error = State::from_json(r#"{"schema": 99}"#).unwrap_err();
    assert!(error.to_string().contains("schema 99"), "{error}");
}
