//! Two daemons of one journal: one leads, the other stands by.

use std::time::Duration;

use aws::Kind;
use controller::clock::Clock;
use controller::config::Config;

use crate::world::{Cloud, EPOCH_S, Office, Running, Seat, config};

const CALM_PER_S: f64 = 12.0;
const SURGE_PER_S: f64 = 60.0;
/// A lease of eleven seconds at the default time limit of calls, which is asked for every two.
const TAKEOVER_S: u64 = 13;

struct Pair {
    office: Office,
    leader: Running,
    seat: Seat,
    standby: Running,
}

/// Two daemons on two instances, settled; the first of them leads.
async fn pair(config: Config) -> Pair {
    let clock = Clock::starting_at(EPOCH_S);
    let office = Office::new(clock, Cloud::new(clock, 2, CALM_PER_S));
    let (leader, seat) = office.daemon(1, config.clone()).await;
    leader.pass(1).await;
    let (standby, _) = office.daemon(2, config).await;
    leader.pass(59).await;
    assert!(leader.board.leads() && !standby.board.leads());
    Pair { office, leader, seat, standby }
}

/// When the groups were decided on; by two daemons at once, it would be in it twice.
fn ticked_at(office: &Office) -> Vec<f64> {
    office.ledger.entries().iter().map(|entry| entry.decision.at).collect()
}

#[tokio::test(start_paused = true)]
async fn one_acts_and_the_other_stands_by() {
    let Pair { office, leader, standby, .. } = pair(config("")).await;
    office.cloud.set_load(SURGE_PER_S);
    leader.pass(60).await;
    assert!(office.cloud.desired() >= 5);
    assert!(ticked_at(&office).is_sorted_by(|a, b| a < b), "{:?}", ticked_at(&office));
    assert!(standby.board.is_alive(standby.clock.now()) && !standby.board.leads());
}

/// What is done about a surge, with or without the leader's death while the first answer to it boots.
async fn answer_to_a_surge(leader_dies: bool) -> Vec<u32> {
    let Pair { office, leader, seat, standby } = pair(config("")).await;
    office.cloud.set_load(SURGE_PER_S);
    leader.pass(32).await;
    assert_eq!(office.cloud.sets().len(), 1);
    if leader_dies {
        seat.cut_off();
        leader.kill().await;
        standby.pass(TAKEOVER_S).await;
        assert!(standby.board.leads());
    }
    standby.pass(240).await;
    office.cloud.sets().iter().map(|(_, desired)| *desired).collect()
}

#[tokio::test(start_paused = true)]
async fn the_standby_goes_on_where_a_dead_leader_was() {
    assert_eq!(answer_to_a_surge(true).await, answer_to_a_surge(false).await);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_stops_hands_over_at_once() {
    let Pair { leader, standby, .. } = pair(config("")).await;
    leader.stop().await;
    standby.pass(3).await;
    assert!(standby.board.leads());
}

#[tokio::test(start_paused = true)]
async fn a_leader_without_its_lease_stands_by_before_another_leads() {
    let config = Config { tick: Duration::from_secs(1), ..config("") };
    let Pair { office, leader, seat, standby } = pair(config).await;
    seat.cut_off();
    let mut both = 0;
    for _ in 0..TAKEOVER_S * 4 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        both += usize::from(leader.board.leads() && standby.board.leads());
    }
    assert_eq!((both, leader.board.leads(), standby.board.leads()), (0, false, true));
    assert!(ticked_at(&office).is_sorted_by(|a, b| a < b), "{:?}", ticked_at(&office));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_may_outlast_the_lease_is_not_asked_for() {
    let config = Config { tick: Duration::from_secs(1), ..config("") };
    let Pair { office, leader, seat, .. } = pair(config).await;
    office.cloud.refuse(vec![Kind::Throttled; 1_000]);
    office.cloud.set_load(SURGE_PER_S);
    leader.pass(40).await;
    seat.cut_off();
    let since = office.ledger.results().len();
    leader.pass(9).await;
    let results: Vec<String> = office.ledger.results()[since..].iter().map(|(_, r)| r.clone()).collect();
    let asked = results.iter().position(|result| result == "not_leader").unwrap();
    assert!((3..=6).contains(&asked), "a call may take five of eleven seconds: {results:?}");
    assert!(results[asked..].iter().all(|result| result == "not_leader"), "{results:?}");
}

/// The lease may end sooner than its holder reckons, for instance by the clock of a database that failed over.
#[tokio::test(start_paused = true)]
async fn what_the_journal_refuses_is_not_acted_on() {
    let Pair { office, leader, .. } = pair(config("")).await;
    office.ledger.lose();
    office.cloud.set_load(SURGE_PER_S);
    leader.pass(120).await;
    assert_eq!((office.cloud.sets(), leader.board.leads()), (vec![], false));
}
