//! The sign of life that a safety net waits for.

use aws::Kind;
use controller::clock::Clock;
use controller::config::Config;

use crate::log::Log;
use crate::world::{Cloud, EPOCH_S, Faults, Ledger, Running, config_of};

fn beating() -> Config {
    let config = config_of(&[("web", ""), ("api", "")]);
    Config { heartbeat: Some("ExStrat/Controller".to_owned()), ..config }
}

async fn started(config: Config, dry_run: bool) -> Running {
    let clock = Clock::starting_at(EPOCH_S);
    let cloud = Cloud::new(clock, 2, 12.0).and("api", 2, 12.0);
    Running::start(config, clock, cloud, Ledger::default(), dry_run).await
}

/// Beats of `group` within the last `seconds`.
fn beats(world: &Running, group: &str, seconds: f64) -> usize {
    let (since, name) = (world.clock.now() - seconds, format!("ExStrat/Controller {group}"));
    world.cloud.beats().iter().filter(|(at, beat)| *at >= since && *beat == name).count()
}

#[tokio::test(start_paused = true)]
async fn every_group_has_several_in_each_minute() {
    let world = started(beating(), false).await;
    world.pass(180).await;
    assert_eq!(["web", "api"].map(|group| beats(&world, group, 120.0)), [6, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_is_blind_or_denied_has_none() {
    let world = started(beating(), false).await;
    world.pass(60).await;
    world.cloud.group("web").refuse(vec![Kind::Denied; 100]);
    world.cloud.group("web").set_load(60.0);
    world.pass(120).await;
    assert_eq!(beats(&world, "web", 60.0), 0, "AWS denies what it decides");
    assert_eq!(beats(&world, "api", 60.0), 3);
    world.cloud.break_with(Faults { metrics: Some(Kind::Timeout), ..Faults::default() });
    world.pass(180).await;
    assert_eq!(beats(&world, "api", 60.0), 0, "the metrics are stale");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_that_a_dry_run_lives_nor_where_nothing_is_configured() {
    for (config, dry_run) in [(beating(), true), (Config { heartbeat: None, ..beating() }, false)] {
        let world = started(config, dry_run).await;
        world.pass(120).await;
        assert!(world.cloud.beats().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_refused_is_said_once_and_stops_nothing() {
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.subscriber());
    let world = started(beating(), false).await;
    world.cloud.break_with(Faults { beat: Some(Kind::Denied), ..Faults::default() });
    world.cloud.group("web").set_load(60.0);
    world.pass(300).await;
    assert!(world.cloud.group("web").desired() >= 5);
    assert_eq!(log.lines_with("the heartbeat: failing").len(), 1);
}
