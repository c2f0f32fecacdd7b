//! The loop, on paused time: what it does when AWS is well, slow, wrong or silent.

use std::time::Duration;

use aws::Kind;
use controller::config::Config;
use scaling::{Action, Notice, Reading, Reason};

use crate::log::Log;
use crate::world::{Faults, Running, config};

/// Serves 12/s with ease; 60/s needs five instances and more.
const CALM_PER_S: f64 = 12.0;
const SURGE_PER_S: f64 = 60.0;

#[tokio::test(start_paused = true)]
async fn a_steady_load_is_left_alone() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.pass(600).await;
    assert_eq!(world.cloud.sets(), []);
    assert!(world.ledger.entries().iter().all(|entry| entry.decision.action == Action::Hold));
    let turns = world.ledger.entries().iter().filter(|entry| entry.turn).count();
    assert!(turns <= 3, "{turns} turns in {:?}", world.ledger.reasons());
}

#[tokio::test(start_paused = true)]
async fn metrics_are_asked_for_once_a_period() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let (reads, described) = (world.cloud.metric_reads(), world.cloud.described_at().len());
    world.pass(100).await;
    assert_eq!(world.cloud.metric_reads() - reads, 10);
    assert_eq!(world.cloud.described_at().len() - described, 20);
}

#[tokio::test(start_paused = true)]
async fn a_surge_is_answered_within_two_ticks_of_its_datapoint() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let surge_at = world.clock.now();
    world.cloud.set_load(SURGE_PER_S);
    world.pass(60).await;
    let (set_at, desired) = world.cloud.sets()[0];
    // The first period that lies wholly in the surge, and the delay until it is read.
    let visible_at = (surge_at / 10.0).ceil() * 10.0 + 10.0 + 5.0;
    assert!(
        set_at <= visible_at + 2.0 * 5.0,
        "set {} s after the datapoint was visible",
        set_at - visible_at
    );
    assert!(desired >= 5, "{desired}");
    assert!(world.ledger.results().iter().all(|(_, result)| result == "set"));
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_is_not_needed_is_taken_down_in_steps() {
    let world = Running::settled(config("scale_in_cooldown = \"30s\""), 10, CALM_PER_S).await;
    world.pass(900).await;
    let sizes: Vec<u32> = world.cloud.sets().iter().map(|(_, desired)| *desired).collect();
    assert!(sizes.is_sorted_by(|a, b| a > b) && sizes.len() > 2, "{sizes:?}");
    assert_eq!(world.cloud.desired(), 2);
}

/// The instances serve two target groups, and only the one without the objective is asked for anything.
#[tokio::test(start_paused = true)]
async fn a_fleet_whose_objective_nobody_asks_for_still_shrinks_and_its_metrics_cost_little_more() {
    let config = Config { tick: Duration::from_secs(1), ..config("scale_in_cooldown = \"30s\"") };
    let world = Running::settled(config, 10, 100.0).await;
    world.cloud.send_elsewhere();
    world.cloud.set_load(CALM_PER_S);
    world.pass(600).await;
    assert_eq!(world.cloud.desired(), 2, "{}", world.ledger.last().decision.explain());
    let inputs = world.ledger.last().decision.inputs;
    assert!(matches!(inputs.latency_p95_s, Reading::NoTraffic { .. }), "{inputs:?}");
    assert_eq!(inputs.requests_per_s.fresh(), Some(CALM_PER_S));
    let reads = world.cloud.metric_reads();
    world.pass(100).await;
    assert_eq!(world.cloud.metric_reads() - reads, 2 * 10, "twice a period of ten ticks");
}

#[tokio::test(start_paused = true)]
async fn a_refused_change_is_tried_again_at_the_next_tick() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.refuse(vec![Kind::Throttled, Kind::ScalingActivityInProgress]);
    world.cloud.set_load(SURGE_PER_S);
    world.pass(60).await;
    let results: Vec<String> = world.ledger.results().into_iter().map(|(_, result)| result).collect();
    assert_eq!(results[..3], ["throttled", "scaling_activity_in_progress", "set"]);
    assert!(world.cloud.desired() >= 5);
}

#[tokio::test(start_paused = true)]
async fn late_metrics_hold_the_fleet_and_are_used_when_they_come() {
    let world = Running::settled(config(""), 10, CALM_PER_S).await;
    world.cloud.break_with(Faults { lag_s: 1_000.0, ..Faults::default() });
    world.pass(600).await;
    assert_eq!(world.cloud.sets(), []);
    assert_eq!(world.ledger.last().decision.reason, Reason::MetricsStale);
    world.cloud.break_with(Faults::default());
    world.pass(10).await;
    let entry = world.ledger.last();
    assert_ne!(entry.decision.reason, Reason::MetricsStale);
    assert!(world.ledger.entries().iter().any(|entry| entry.observation.datapoints.len() >= 60));
}

#[tokio::test(start_paused = true)]
async fn without_aws_nothing_is_assumed_and_nothing_is_done() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.break_with(Faults { describe: Some(Kind::Unreachable), ..Faults::default() });
    world.cloud.set_load(SURGE_PER_S);
    world.pass(120).await;
    assert_eq!(world.cloud.sets(), []);
    let entry = world.ledger.last();
    assert_eq!(entry.decision.reason, Reason::FleetUnknown);
    assert_eq!(entry.observation.fleet, None);
    world.cloud.break_with(Faults::default());
    world.pass(5).await;
    assert!(world.cloud.desired() >= 5, "the loop was there all the time, and acts at once");
}

#[tokio::test(start_paused = true)]
async fn unreadable_metrics_do_not_hide_the_fleet() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.break_with(Faults { metrics: Some(Kind::Throttled), ..Faults::default() });
    world.pass(30).await;
    let entry = world.ledger.last();
    assert_eq!(entry.decision.current, Some(2));
    assert_eq!(entry.observation.datapoints, []);
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_change_is_noticed_and_respected() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.change_from_outside(10);
    world.pass(30).await;
    assert_eq!(world.cloud.sets(), []);
    let notices: Vec<Notice> =
        world.ledger.entries().iter().flat_map(|entry| entry.decision.notices.clone()).collect();
    assert_eq!(notices, [Notice::ForeignChange { expected: 2, found: 10 }]);
}

/// What is done about a surge, with or without being killed while the first answer to it boots.
async fn answer_to_a_surge(killed: bool) -> Vec<u32> {
    let mut world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.set_load(SURGE_PER_S);
    world.pass(32).await;
    assert_eq!(world.cloud.sets().len(), 1);
    if killed {
        let (clock, cloud, ledger) = world.kill().await;
        world = Running::start(config(""), clock, cloud, ledger, false).await;
    }
    world.pass(240).await;
    world.cloud.sets().iter().map(|(_, desired)| *desired).collect()
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_mid_scale_out_changes_nothing() {
    assert_eq!(answer_to_a_surge(true).await, answer_to_a_surge(false).await);
}

#[tokio::test(start_paused = true)]
async fn a_restart_learns_nothing_twice() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let (clock, cloud, ledger) = world.kill().await;
    let before = ledger.entries().len();
    let world = Running::start(config(""), clock, cloud, ledger, false).await;
    world.pass(20).await;
    let known: Vec<f64> = world.ledger.entries()[..before]
        .iter()
        .flat_map(|entry| entry.observation.datapoints.iter().map(|datapoint| datapoint.at))
        .collect();
    for entry in &world.ledger.entries()[before..] {
        assert!(entry.observation.datapoints.iter().all(|datapoint| !known.contains(&datapoint.at)));
    }
}

#[tokio::test(start_paused = true)]
async fn boots_are_measured_once_each() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.set_load(SURGE_PER_S);
    world.pass(120).await;
    let boots: Vec<f64> = world
        .ledger
        .entries()
        .iter()
        .filter_map(|entry| entry.observation.fleet.clone())
        .flat_map(|fleet| fleet.boots_s)
        .collect();
    assert!(!boots.is_empty());
    assert_eq!(boots, vec![30.0; world.cloud.launched()]);
}

#[tokio::test(start_paused = true)]
async fn slow_answers_do_not_pile_up_ticks() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let before = world.cloud.described_at().len();
    world.cloud.break_with(Faults { latency: Duration::from_secs(8), ..Faults::default() });
    world.pass(200).await;
    let described = world.cloud.described_at();
    let slow = &described[before + 1..];
    assert!(slow.len() >= 15);
    for pair in slow.windows(2) {
        assert!(pair[1] - pair[0] >= 9.9, "one tick at a time: {pair:?}");
        assert!(pair[1] % 5.0 < 0.1, "aligned to the interval: {}", pair[1]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_given_up() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.break_with(Faults { latency: Duration::from_secs(100_000), ..Faults::default() });
    world.pass(60).await;
    assert_eq!(world.ledger.last().decision.reason, Reason::FleetUnknown);
    assert!(world.board.is_alive(world.clock.now()));
}

#[tokio::test(start_paused = true)]
async fn a_reloaded_configuration_is_in_force_from_the_next_tick() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.reload(config("pause = \"all\"")).await;
    world.cloud.set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(world.cloud.sets(), []);
    assert_eq!(world.ledger.last().decision.reason, Reason::Paused);
    world.reload(config("")).await;
    world.pass(5).await;
    assert!(world.cloud.desired() >= 5);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_decides_and_journals_and_never_acts() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let (clock, cloud, ledger) = world.stop().await;
    let world = Running::start(config(""), clock, cloud, ledger, true).await;
    world.cloud.set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(world.cloud.sets(), []);
    let results = world.ledger.results();
    assert!(!results.is_empty() && results.iter().all(|(_, result)| result == "dry_run"));
    let turns = world.ledger.entries().iter().filter(|entry| entry.dry_run && entry.turn).count();
    assert!(turns <= 4, "the same wish is news only once, not {turns} times");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_does_not_stop_the_fleet_from_growing() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.ledger.fill(true);
    world.cloud.set_load(SURGE_PER_S);
    world.pass(60).await;
    assert!(world.cloud.desired() >= 5);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_said_when_it_begins_and_when_it_is_over() {
    let log = Log::default();
    let _here = tracing::subscriber::set_default(log.subscriber());
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    let before = world.ledger.entries().len();
    world.ledger.fill(true);
    world.pass(600).await;
    assert_eq!(world.ledger.entries().len(), before);
    world.ledger.fill(false);
    world.pass(60).await;
    assert_eq!(world.ledger.entries().len(), before + 12, "every tick is journalled again");
    let said = log.lines_with("the journal");
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].contains("ERROR the journal: failing"), "{said:#?}");
    assert!(said[1].contains("INFO the journal: answers again, after 600 s"), "{said:#?}");
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_finishes_the_tick_and_keeps_its_state() {
    let world = Running::settled(config(""), 2, CALM_PER_S).await;
    world.cloud.break_with(Faults { latency: Duration::from_secs(3), ..Faults::default() });
    world.pass(6).await;
    let before = world.ledger.entries().len();
    let (_, _, ledger) = world.stop().await;
    assert_eq!(ledger.entries().len(), before + 1, "the tick that was running is journalled");
    let recovery = controller::ports::Journal::recover(&ledger, "web", 0.0).await.unwrap();
    assert_eq!(recovery.observations, [], "the snapshot holds everything");
}
