//! What fails around an instance of the API, what keeps working meanwhile, and how soon all is well again.
//!
//! `cargo test --release -p tests --test failures -- --ignored --nocapture` prints the table of docs/failures.md. The servers are
//! real and a test's own: PostgreSQL with a replica that streams from it, and Redis.

#![allow(clippy::unwrap_used, reason = "tests")]

mod faults;
mod outcome;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use faults::{FAULTS, Fault, On};
use outcome::Outcome;
use support::ground::Ground;
use support::steady::Steady;
use support::until;

/// Eleven faults of some fifteen seconds, at ten new dashboards a second.
const USERS: u32 = 2_000;
/// Between the fault and its mending: longer than any of the API's own times to notice.
const FAULT_LASTS: Duration = Duration::from_secs(6);
/// All is well when it was for so long.
const WELL_FOR: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, for some five minutes, and must be alone on the machine"]
async fn what_fails_costs_no_more_than_it_must() {
    let mut ground = Ground::prepare("failures", USERS).await;
    let nodes = ground.cluster.url();
    // A round of forecasts just before a fault would show here as the fault's (docs/failures.md).
    let rare = ("PRICES_EVERY", "600s");
    let cluster = [("REDIS_URL", nodes.as_str()), ("REDIS_CLUSTER", "true"), rare];
    let instances = [
        (On::Replica, ground.instance("replica", true, &[rare]).await),
        (On::PrimaryAlone, ground.instance("alone", false, &[rare]).await),
        (On::Cluster, ground.instance("cluster", true, &cluster).await),
    ];
    println!("{}", outcome::HEADING);
    let mut broken = Vec::new();
    for fault in FAULTS {
        let (_, instance) = instances.iter().find(|(on, _)| *on == fault.on).unwrap();
        let outcome = try_it(fault, instance.port(), &mut ground).await;
        println!("{}", outcome.row(fault.name));
        broken.extend(outcome.broken(fault));
    }
    for (_, instance) in instances {
        instance.stop().await;
    }
    ground.stop().await;
    assert!(broken.is_empty(), "what was promised:\n{}", broken.join("\n"));
}

async fn try_it(fault: &Fault, port: u16, ground: &mut Ground) -> Outcome {
    let load = Steady::start(port, &ground.users);
    let mut calm_from = Instant::now();
    until("it serves calmly", Duration::from_mins(2), async || {
        let now = Instant::now();
        if now.duration_since(calm_from) < WELL_FOR {
            return None;
        }
        let exchanges = load.within(std::mem::replace(&mut calm_from, now)..now);
        outcome::is_calm(&exchanges).then_some(())
    })
    .await;
    let struck = Instant::now();
    fault.strike.on(ground).await;
    tokio::time::sleep(FAULT_LASTS).await;
    fault.mend.on(ground).await;
    let mended = Instant::now();
    let whole_again = until(fault.name, Duration::from_mins(1), async || {
        let whole = outcome::whole_since(&load.within(mended..Instant::now()), mended);
        (whole.elapsed() > WELL_FOR).then_some(whole)
    })
    .await;
    let exchanges = until("every request is answered", Duration::from_mins(1), async || {
        let exchanges = load.within(struck..whole_again);
        exchanges.iter().all(|exchange| exchange.answer.is_some()).then_some(exchanges)
    })
    .await;
    Outcome::of(&exchanges, struck..mended, whole_again)
}
