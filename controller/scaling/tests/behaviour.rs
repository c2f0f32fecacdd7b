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

/// A service that waits for a database: whatever the number of instances, everything takes nine seconds.
struct SlowDatabase {
    policy: scaling::Policy,
    state: State,
    desired: u32,
    cpu_percent: Option<f64>,
    at: f64,
}

impl SlowDatabase {
    fn new(cpu_percent: Option<f64>) -> Self {
        let policy = policy(Settings { instance_capacity_per_s: Some(100.0), ..local() });
        Self { policy, state: State::default(), desired: 4, cpu_percent, at: 0.0 }
    }

    fn run(&mut self, seconds: u32, requests_per_s: f64, latency_p95_s: f64) -> Vec<scaling::Decision> {
        (0..seconds).map(|_| self.tick(requests_per_s, latency_p95_s)).collect()
    }

    fn tick(&mut self, requests_per_s: f64, latency_p95_s: f64) -> scaling::Decision {
        let datapoint = Datapoint {
            at: self.at - 6.0,
            period_s: 5.0,
            requests_per_s: Some(requests_per_s),
            latency_p95_s: Some(latency_p95_s),
            samples: Some(5.0 * requests_per_s),
            cpu_percent: self.cpu_percent,
            healthy: Some(f64::from(self.desired)),
            ..Datapoint::default()
        };
        let datapoints = if self.at % 5.0 == 0.0 { vec![datapoint] } else { Vec::new() };
        let desired = self.desired;
        let fleet = Fleet { desired, in_service: desired, pending: 0, min: 2, max: 20, boots_s: Vec::new() };
        let observation = Observation { at: self.at, fleet: Some(fleet), datapoints };
        let (decision, next) = decide(&self.policy, std::mem::take(&mut self.state), &observation);
        (self.desired, self.state) = (decision.desired.unwrap(), next);
        self.at += 1.0;
        decision
    }
}

fn sizes(decisions: &[scaling::Decision]) -> Vec<u32> {
    actions(decisions).iter().map(|d| d.desired.unwrap()).collect()
}

fn notices(decisions: &[scaling::Decision]) -> Vec<Notice> {
    decisions.iter().flat_map(|d| d.notices.clone()).collect()
}

#[test]
fn what_the_demand_explains_is_not_told_as_the_guards() {
    let decision = SlowDatabase::new(None).tick(400.0, 9.0);
    let wanted: Vec<_> = decision.candidates.iter().filter_map(|candidate| candidate.wants).collect();
    assert_eq!((wanted, decision.desired), (vec![6, 6], Some(6)), "{}", decision.explain());
    assert_eq!(decision.reason, Reason::DemandForecast);
}

#[test]
fn instances_that_do_not_help_are_not_piled_up_but_given_back() {
    let mut service = SlowDatabase::new(None);
    let decisions = service.run(200, 30.0, 9.0);
    assert_eq!(sizes(&decisions), [6, 8, 6, 5, 4]);
    assert_eq!(notices(&decisions), [Notice::NotCapacity { p95_s: 9.0 }]);
    assert_eq!(actions(&decisions).last().unwrap().reason, Reason::AdditionGivenBack);
    assert_eq!(decisions.last().unwrap().reason, Reason::AddingDidNotHelp);
}

/// Neither more load per instance nor more CPU: one addition shows it.
#[test]
fn idle_instances_are_added_to_once() {
    let mut service = SlowDatabase::new(Some(30.0));
    assert_eq!(sizes(&service.run(200, 30.0, 9.0)), [6, 5, 4]);
}

#[test]
fn a_frozen_guard_probes_again_later_and_later_and_thaws_when_it_is_over() {
    let mut service = SlowDatabase::new(None);
    service.run(200, 30.0, 9.0);
    let outs = |decisions: &[scaling::Decision]| {
        let outs = decisions.iter().filter(|d| d.action == Action::ScaleOut);
        outs.map(|d| (d.at / 60.0).round()).collect::<Vec<_>>()
    };
    // Frozen in the first minute; then after 15, 30 and 60 minutes more.
    assert_eq!(outs(&service.run(7_200, 30.0, 9.0)), [15.0, 45.0, 106.0]);
    assert!(notices(&service.run(500, 30.0, 1.0)).is_empty(), "not while it may be a lull");
    assert_eq!(notices(&service.run(200, 30.0, 1.0)), [Notice::NotCapacityOver]);
    assert_eq!(service.desired, 2);
    assert_eq!(sizes(&service.run(30, 30.0, 9.0)), [4, 6], "a new breach is answered like the first");
}

#[test]
fn a_frozen_guard_does_not_stop_what_the_demand_needs() {
    let mut service = SlowDatabase::new(None);
    service.run(200, 30.0, 9.0);
    let decisions = service.run(30, 900.0, 9.0);
    let out = actions(&decisions)[0];
    assert_eq!((out.action, out.reason), (Action::ScaleOut, Reason::DemandForecast), "{}", out.explain());
    assert!(service.desired >= 13, "{}", service.desired);
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
