//! Which target a request reaches, and what it finds in the request.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::{sync::Arc, time::Duration};

use balancer::{Algorithm, Rule, TableError, TargetState};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use support::{Bench, LOOPBACK, PATIENCE, Stub, group, healthy, say, table_of, target};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::{Notify, Semaphore},
};

#[tokio::test]
async fn rules_choose_the_target_group_by_ascending_priority() {
    let (dashboard, rest) = (Stub::saying("dashboard").await, Stub::saying("rest").await);
    let mut table = table_of(group("rest", vec![healthy("i-1", &rest)]));
    table.target_groups.push(group("dashboard", vec![healthy("i-2", &dashboard)]));
    let rule = |priority, path: &str, arn: &str| Rule {
        priority: Some(priority),
        methods: vec![Method::GET],
        paths: vec![path.into()],
        target_group_arn: arn.to_owned(),
    };
    table.rules.push(rule(20, "/dash*", "rest"));
    table.rules.push(rule(10, "/dashboard", "dashboard"));
    let bench = Bench::with(table).await;
    for (path, expected) in [("/dashboard?x=1", "dashboard"), ("/dashing", "rest"), ("/", "rest")] {
        assert_eq!(bench.get(path).await, (StatusCode::OK, expected.to_owned()), "{path}");
    }
    bench.stop().await;
}

#[tokio::test]
async fn a_target_sees_the_client_and_not_the_hop() {
    let stub = Stub::answering(|request: Request<_>| async move {
        let header = |name| request.headers().get(name).map_or("-", |value| value.to_str().unwrap());
        let seen = ["host", "x-forwarded-for", "x-forwarded-proto", "te", "cookie"].map(header).join(" ");
        hyper::Response::new(Full::new(Bytes::from(seen)))
    })
    .await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    let request = Request::get(bench.url("/"))
        .header("host", "app.exstrat.test")
        .header("te", "trailers")
        .header("cookie", "a=b")
        .body(http_body_util::Empty::new())
        .unwrap();
    let response = bench.client.request(request).await.unwrap();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    assert_eq!(body, "app.exstrat.test 127.0.0.1 http - a=b");
    bench.stop().await;
}

#[tokio::test]
async fn round_robin_gives_each_healthy_target_the_same() {
    let stubs = [Stub::saying("a").await, Stub::saying("b").await, Stub::saying("sick").await];
    let mut targets = vec![healthy("i-1", &stubs[0]), healthy("i-2", &stubs[1])];
    targets.push(target("i-3", stubs[2].addr, TargetState::Unhealthy));
    let bench = Bench::with(table_of(group("tg", targets))).await;
    let before = stubs.each_ref().map(Stub::asked);
    for _ in 0..30 {
        assert_eq!(bench.get("/").await.0, StatusCode::OK);
    }
    let health_checks = |i: usize| stubs[i].asked() - before[i];
    assert!((15..=16).contains(&health_checks(0)) && (15..=16).contains(&health_checks(1)));
    assert!(health_checks(2) <= 1, "an unhealthy target gets health checks only");
    bench.stop().await;
}

#[tokio::test]
async fn least_outstanding_requests_avoids_the_busy_target() {
    let (reached, release) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let stuck = Stub::answering({
        let (reached, release) = (reached.clone(), release.clone());
        move |request: Request<_>| {
            let (reached, release) = (reached.clone(), release.clone());
            async move {
                if request.uri().path() == "/slow" {
                    reached.notify_one();
                    release.acquire().await.unwrap().forget();
                }
                say("stuck")
            }
        }
    })
    .await;
    let quick = Stub::saying("quick").await;
    let mut group = group("tg", vec![healthy("i-1", &stuck), healthy("i-2", &quick)]);
    group.algorithm = Algorithm::LeastOutstandingRequests;
    let bench = Arc::new(Bench::with(table_of(group)).await);
    let slow = tokio::spawn({
        let bench = bench.clone();
        async move { bench.get("/slow").await }
    });
    tokio::time::timeout(PATIENCE, reached.notified()).await.unwrap();
    for _ in 0..10 {
        assert_eq!(bench.get("/").await.1, "quick");
    }
    release.add_permits(1);
    slow.await.unwrap();
    Arc::into_inner(bench).unwrap().stop().await;
}

#[tokio::test]
async fn with_no_healthy_target_all_are_used_and_with_none_registered_it_is_503() {
    let stub = Stub::saying("sick but there").await;
    let table = |state| table_of(group("tg", vec![target("i-1", stub.addr, state)]));
    let bench = Bench::with(table(TargetState::Unhealthy)).await;
    assert_eq!(bench.get("/").await, (StatusCode::OK, "sick but there".to_owned()));
    bench.balancer.update(table(TargetState::Draining)).unwrap();
    assert_eq!(bench.get("/").await.0, StatusCode::SERVICE_UNAVAILABLE);
    bench.balancer.update(table_of(group("tg", Vec::new()))).unwrap();
    let (status, page) = bench.get("/").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.contains("503 Service Temporarily Unavailable") || page.contains("503 Service Unavailable"),
        "{page}"
    );
    let readings = bench.balancer.take_period();
    assert_eq!((readings.load_balancer.elb_5xx(), readings.target_groups[0].elb_codes[&503]), (2, 2));
    assert_eq!(
        readings.target_groups[0].request_count, 1,
        "a request without a target is not counted as one"
    );
    bench.stop().await;
}

#[tokio::test]
async fn a_table_that_contradicts_itself_changes_nothing() {
    let stub = Stub::saying("as before").await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    let mut wrong = table_of(group("tg", Vec::new()));
    wrong.rules[0].target_group_arn = "gone".to_owned();
    let error = bench.balancer.update(wrong).unwrap_err();
    assert_eq!(error, TableError::UnknownTargetGroup { priority: None, arn: "gone".to_owned() });
    assert_eq!(bench.get("/").await.1, "as before");
    bench.stop().await;
}

/// The target does not say that it will close, so the proxy keeps the connection and finds it closed later.
#[tokio::test]
async fn a_kept_connection_that_the_target_closed_is_not_seen_by_the_client() {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let closing = target("i-1", listener.local_addr().unwrap(), TargetState::Healthy);
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = stream.read(&mut [0; 1024]).await.unwrap();
            assert!(asked > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        }
    });
    let bench = Bench::with(table_of(group("tg", vec![closing]))).await;
    for _ in 0..5 {
        assert_eq!(bench.get("/").await, (StatusCode::OK, "ok".to_owned()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.abort();
    bench.stop().await;
}
