//! Several groups in one daemon, and what a new configuration changes of them.

use aws::Kind;
use controller::clock::Clock;
use controller::journal::Location;
use scaling::{Notice, Reason};

use crate::log::Log;
use crate::world::{Cloud, EPOCH_S, Ledger, Running, config_of};

const CALM_PER_S: f64 = 12.0;
const SURGE_PER_S: f64 = 60.0;
const BOTH: [(&str, &str); 2] = [("web", ""), ("api", "")];

/// The groups `web` and `api`, calm on two instances each, looked at for long enough to have settled.
async fn both() -> Running {
    let clock = Clock::starting_at(EPOCH_S);
    let cloud = Cloud::new(clock, 2, CALM_PER_S).and("api", 2, CALM_PER_S);
    let world = Running::start(config_of(&BOTH), clock, cloud, Ledger::default(), false).await;
    world.pass(60).await;
    world
}

fn last_reason(world: &Running, group: &str) -> Reason {
    world.ledger.entries_of(group).last().unwrap().decision.reason
}

#[tokio::test(start_paused = true)]
async fn one_call_each_serves_all_groups() {
    let world = both().await;
    let (reads, described) = (world.cloud.metric_reads(), world.cloud.described_at().len());
    world.pass(100).await;
    assert_eq!(world.cloud.metric_reads() - reads, 10, "one a period");
    assert_eq!(world.cloud.described_at().len() - described, 20, "one a tick");
    for group in ["web", "api"] {
        assert_eq!(world.ledger.entries_of(group).len(), 33, "{group}: one a tick since the start");
    }
}

#[tokio::test(start_paused = true)]
async fn each_group_is_scaled_by_its_own_load() {
    let world = both().await;
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(120).await;
    assert!(world.cloud.group("api").desired() >= 5);
    assert_eq!(world.cloud.group("web").sets(), []);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_cannot_be_changed_does_not_hold_the_others_up() {
    let world = both().await;
    world.cloud.group("web").refuse(vec![Kind::Throttled; 100]);
    world.cloud.group("web").set_load(SURGE_PER_S);
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(world.cloud.group("web").sets(), []);
    assert!(world.cloud.group("api").desired() >= 5);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_gone_does_not_hold_the_others_up() {
    let world = both().await;
    world.cloud.group("web").delete();
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(last_reason(&world, "web"), Reason::FleetUnknown);
    assert!(world.cloud.group("api").desired() >= 5);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_removed_is_no_longer_touched() {
    let world = both().await;
    world.reload(config_of(&[("web", "")])).await;
    world.pass(5).await;
    let api = world.cloud.group("api");
    let (mentions, entries) = (api.mentions(), world.ledger.entries_of("api").len());
    api.set_load(SURGE_PER_S);
    world.pass(120).await;
    assert_eq!((api.mentions(), world.ledger.entries_of("api").len()), (mentions, entries));
    assert_eq!(api.sets(), []);
    assert!(world.board.groups().keys().eq(["web"]));
    assert!(world.cloud.group("web").mentions() > 0);
}

/// What somebody did to the group meanwhile is told by what the journal remembers of it.
#[tokio::test(start_paused = true)]
async fn a_group_that_is_added_starts_from_its_journal() {
    let world = both().await;
    world.reload(config_of(&[("web", "")])).await;
    world.pass(60).await;
    world.cloud.group("api").change_from_outside(6);
    let before = world.ledger.entries_of("api").len();
    world.reload(config_of(&BOTH)).await;
    world.pass(5).await;
    let first = &world.ledger.entries_of("api")[before];
    assert_eq!(first.decision.notices, [Notice::ForeignChange { expected: 2, found: 6 }]);
    let known: Vec<f64> = world.ledger.entries_of("api")[..before]
        .iter()
        .flat_map(|entry| entry.observation.datapoints.iter().map(|datapoint| datapoint.at))
        .collect();
    assert!(!first.observation.datapoints.is_empty(), "what was missed is read");
    assert!(first.observation.datapoints.iter().all(|datapoint| !known.contains(&datapoint.at)));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_changed_leaves_the_others_as_they_are() {
    let world = both().await;
    world.reload(config_of(&[("web", ""), ("api", "pause = \"all\"")])).await;
    world.cloud.group("web").set_load(SURGE_PER_S);
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(world.cloud.group("api").sets(), []);
    assert_eq!(last_reason(&world, "api"), Reason::Paused);
    assert!(world.cloud.group("web").desired() >= 5);
    assert!(world.ledger.entries().iter().all(|entry| entry.decision.notices.is_empty()), "the states stay");
}

/// Nor does it leave one of its groups behind, which would be waited for.
#[tokio::test(start_paused = true)]
async fn a_reload_that_the_journal_fails_changes_nothing() {
    let log = Log::default();
    let _here = tracing::subscriber::set_default(log.subscriber());
    let world = both().await;
    world.ledger.damage("batch");
    world.reload(config_of(&[("web", "pause = \"all\""), ("jobs", ""), ("batch", "")])).await;
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(60).await;
    assert_eq!(log.lines_with("the configuration is not reloaded, and the old one stays").len(), 1);
    assert!(world.board.groups().keys().eq(["api", "web"]));
    assert_ne!(last_reason(&world, "web"), Reason::Paused);
    assert!(world.cloud.group("api").desired() >= 5);
}

/// The order in the file is nobody's identity.
#[tokio::test(start_paused = true)]
async fn groups_that_change_places_keep_their_states() {
    let world = both().await;
    world.cloud.group("api").set_load(SURGE_PER_S);
    world.pass(60).await;
    world.reload(config_of(&[("api", ""), ("web", "")])).await;
    world.pass(60).await;
    assert!(world.ledger.entries().iter().all(|entry| entry.decision.notices.is_empty()));
    assert_eq!(world.cloud.group("web").sets(), []);
}

#[tokio::test(start_paused = true)]
async fn what_only_a_restart_changes_is_named_and_stays() {
    let log = Log::default();
    let _here = tracing::subscriber::set_default(log.subscriber());
    let world = both().await;
    let mut config = config_of(&[("web", "")]);
    config.journal = Location::new("elsewhere");
    world.reload(config).await;
    world.pass(5).await;
    assert_eq!(log.lines_with("changed only by a restart: journal").len(), 1);
    assert_eq!(log.lines_with("configuration reloaded").len(), 1);
}
