//! A target's life: checked, drained, and the balancer's own end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    time::Duration,
};

use balancer::{Fact, Health, TargetGroup, TargetState, UnhealthyReason};
use http::{Request, StatusCode};
use support::{Bench, PATIENCE, Stub, group, healthy, refusing_address, say, status, table_of, target};
use tokio::{sync::Semaphore, time::timeout};

fn checked_often(mut group: TargetGroup) -> TargetGroup {
    group.health_check.interval = Duration::from_millis(20);
    group.health_check.timeout = Duration::from_millis(500);
    group
}

fn health(fact: Fact) -> Health {
    match fact {
        Fact::TargetHealth { health, .. } => health,
        other @ Fact::TargetDrained { .. } => panic!("not about health: {other:?}"),
    }
}

#[tokio::test]
async fn a_target_whose_process_ended_gets_nothing_whatever_the_table_says() {
    let (ended, other) = (Stub::saying("ended").await, Stub::saying("other").await);
    let table = || table_of(group("tg", vec![healthy("i-1", &ended), healthy("i-2", &other)]));
    let bench = Bench::with(table()).await;
    bench.balancer.instance_ended("i-1");
    for _ in 0..3 {
        bench.balancer.update(table()).unwrap();
        for _ in 0..2 {
            assert_eq!(bench.get("/").await, (StatusCode::OK, "other".to_owned()));
        }
    }
    assert_eq!(bench.balancer.take_period().target_groups[0].unhealthy_hosts, 1);
    bench.balancer.update(table_of(group("tg", vec![healthy("i-2", &other)]))).unwrap();
    bench.balancer.update(table()).unwrap();
    let answers = [bench.get("/").await.1, bench.get("/").await.1];
    assert!(answers.contains(&"ended".to_owned()), "one that is registered anew is another one: {answers:?}");
    bench.stop().await;
}

#[tokio::test]
async fn a_new_target_is_found_healthy_then_unhealthy_then_healthy_each_told_once() {
    let code = Arc::new(AtomicU16::new(200));
    let stub = Stub::answering({
        let code = code.clone();
        move |_| {
            let code = code.load(SeqCst);
            async move { status(code) }
        }
    })
    .await;
    let table = |state| table_of(checked_often(group("tg", vec![target("i-1", stub.addr, state)])));
    let mut bench = Bench::with(table(TargetState::Initial)).await;
    let first = Fact::TargetHealth {
        target_group_arn: "tg".to_owned(),
        instance_id: "i-1".to_owned(),
        health: Health::Healthy,
    };
    assert_eq!(bench.fact().await, first);
    bench.balancer.update(table(TargetState::Healthy)).unwrap();
    code.store(503, SeqCst);
    assert_eq!(health(bench.fact().await), Health::Unhealthy(UnhealthyReason::ResponseCodeMismatch));
    bench.balancer.update(table(TargetState::Unhealthy)).unwrap();
    code.store(200, SeqCst);
    assert_eq!(health(bench.fact().await), Health::Healthy);
    let checks = stub.asked();
    while stub.asked() < checks + 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(bench.facts.try_recv().is_err(), "an unchanged verdict is not told again");
    bench.balancer.update(table(TargetState::Initial)).unwrap();
    assert_eq!(health(bench.fact().await), Health::Healthy, "registered anew, found out anew");
    bench.stop().await;
}

#[tokio::test]
async fn a_dead_process_and_a_silent_one_are_told_apart() {
    let (refusing, _kept) = refusing_address();
    let silent = Stub::after(PATIENCE).await;
    for (addr, reason) in
        [(refusing, UnhealthyReason::FailedHealthChecks), (silent.addr, UnhealthyReason::Timeout)]
    {
        let mut group = checked_often(group("tg", vec![target("i-1", addr, TargetState::Healthy)]));
        group.health_check.timeout = Duration::from_millis(50);
        let mut bench = Bench::with(table_of(group)).await;
        assert_eq!(health(bench.fact().await), Health::Unhealthy(reason));
        bench.stop().await;
    }
}

#[tokio::test]
async fn draining_finishes_what_is_in_flight_and_takes_nothing_new() {
    let gate = Arc::new(Semaphore::new(0));
    let leaving = Stub::answering({
        let gate = gate.clone();
        move |request: Request<_>| {
            let gate = gate.clone();
            async move {
                if request.uri().path() == "/slow" {
                    gate.acquire().await.unwrap().forget();
                }
                say("leaving")
            }
        }
    })
    .await;
    let staying = Stub::saying("staying").await;
    let mut bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &leaving)]))).await;
    let in_flight = tokio::spawn(bench.client.get(bench.url("/slow")));
    bench.readings_when(|readings| readings.target_groups[0].request_count == 1).await;

    let targets = vec![target("i-1", leaving.addr, TargetState::Draining), healthy("i-2", &staying)];
    bench.balancer.update(table_of(group("tg", targets))).unwrap();
    for _ in 0..4 {
        assert_eq!(bench.get("/").await.1, "staying");
    }
    let fact = timeout(Duration::from_millis(50), next_drained(&mut bench)).await;
    assert!(fact.is_err(), "drained with a request in flight");

    gate.add_permits(1);
    let response = timeout(PATIENCE, in_flight).await.unwrap().unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    drop(response);
    assert_eq!(timeout(PATIENCE, next_drained(&mut bench)).await.unwrap(), "i-1");
    assert!(timeout(Duration::from_millis(50), next_drained(&mut bench)).await.is_err(), "told once");
    bench.stop().await;
}

#[tokio::test]
async fn draining_ends_with_the_deregistration_delay() {
    let stub = Stub::after(PATIENCE).await;
    let table = |state| {
        let mut group = group("tg", vec![target("i-1", stub.addr, state)]);
        group.deregistration_delay = Duration::from_millis(50);
        table_of(group)
    };
    let mut bench = Bench::with(table(TargetState::Healthy)).await;
    let stuck = tokio::spawn(bench.client.get(bench.url("/")));
    bench.readings_when(|readings| readings.target_groups[0].request_count == 1).await;
    bench.balancer.update(table(TargetState::Draining)).unwrap();
    assert_eq!(timeout(PATIENCE, next_drained(&mut bench)).await.unwrap(), "i-1");
    stuck.abort();
    bench.stop().await;
}

#[tokio::test]
async fn a_client_that_asks_nothing_is_disconnected_after_the_idle_timeout() {
    let stub = Stub::saying("ok").await;
    let mut table = table_of(group("tg", vec![healthy("i-1", &stub)]));
    table.idle_timeout = Duration::from_millis(100);
    let bench = Bench::with(table).await;
    assert_eq!(bench.get("/").await.0, StatusCode::OK);
    assert_eq!(bench.balancer.take_period().load_balancer.active_connections, 1);
    bench.readings_when(|readings| readings.load_balancer.active_connections == 0).await;
    bench.stop().await;
}

#[tokio::test]
async fn no_task_is_left_after_shutdown() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let stub = Stub::saying("ok").await;
    let without = alive();
    let table = table_of(checked_often(group("tg", vec![healthy("i-1", &stub)])));
    let bench = Bench::with(table).await;
    assert_eq!(bench.get("/").await.0, StatusCode::OK);
    assert!(alive() > without);
    let idle_client = tokio::net::TcpStream::connect(bench.balancer.local_addr()).await.unwrap();
    bench.stop().await;
    drop(idle_client);
    let gone = async {
        while alive() > without {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(2), gone).await.expect("tasks of the balancer or the client are left");
}

async fn next_drained(bench: &mut Bench) -> String {
    loop {
        if let Some(Fact::TargetDrained { instance_id, .. }) = bench.facts.recv().await {
            return instance_id;
        }
    }
}
