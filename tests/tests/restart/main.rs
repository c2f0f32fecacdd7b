//! Every instance of a fleet is replaced under load, one after the other, and nobody notices.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fleet;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use fleet::Fleet;
use support::ground::Ground;
use support::socket::Socket;
use support::steady::Steady;
use support::until;

const FLEET: usize = 3;
/// The readiness check fails first; the load balancer notices after two checks, half a second apart. Until then, and a
/// while longer, whatever still arrives is served.
const DRAIN: [(&str, &str); 1] = [("DRAIN_GRACE", "3s")];
const A_MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request() {
    let ground = Ground::prepare("restart", 1_000).await;
    let fleet = Fleet::start().await;
    let mut serving = Vec::new();
    for number in 0..FLEET {
        serving.push(ground.instance(&format!("old-{number}"), true, &DRAIN).await);
        fleet.register(&format!("old-{number}"), serving[number].port()).await;
    }
    let load = Steady::start(fleet.port(), &ground.users);
    let began = Instant::now();
    let mut sockets = Vec::new();
    for user in &ground.users[..3 * FLEET] {
        sockets.push(Socket::open(fleet.port(), user).await);
    }

    for (number, old) in serving.iter_mut().enumerate() {
        let new = ground.instance(&format!("new-{number}"), true, &DRAIN).await;
        fleet.register(&format!("new-{number}"), new.port()).await;
        let stopping = std::mem::replace(old, new);
        stopping.stop().await;
        fleet.deregister(&format!("old-{number}"));
    }
    let ended = Instant::now();

    let exchanges = until("every request is answered", A_MINUTE, async || {
        let exchanges = load.within(began..ended);
        exchanges.iter().all(|exchange| exchange.answer.is_some()).then_some(exchanges)
    })
    .await;
    drop(load);
    let answers: Vec<_> = exchanges.iter().filter_map(|it| Some((it.kind, it.answer.as_ref()?))).collect();
    let failed: Vec<_> = answers.iter().filter(|(_, answer)| !answer.is_good()).collect();
    println!("{} requests in {:?}, {} failed", answers.len(), ended - began, failed.len());
    assert!(answers.len() > 300, "so few say nothing: {}", answers.len());
    assert!(failed.is_empty(), "{failed:?}");
    for instance in ["new-0", "new-1", "new-2"] {
        let served = answers.iter().filter(|(_, it)| it.header("server-instance") == instance).count();
        assert!(served > 0, "{instance} served nothing, so its start was not tried");
    }
    for socket in sockets {
        let told = socket.until_closed().await;
        assert!(told.contains(r#"{"type":"reconnect","afterMs":"#), "{told}");
    }
    for instance in serving {
        instance.stop().await;
    }
    fleet.stop().await;
    ground.stop().await;
}
