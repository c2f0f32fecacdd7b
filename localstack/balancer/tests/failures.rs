//! What a client gets when a target does not answer as it should, and whether the readings agree.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::{sync::Arc, time::Duration};

use balancer::{Profile, Settings, TargetState};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use support::{
    Bench, LOOPBACK, PATIENCE, Stub, group, healthy, refusing_address, say, status, table_of, target,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};

#[tokio::test]
async fn a_target_that_refuses_the_connection_is_502_and_a_connection_error() {
    let (refusing, _kept) = refusing_address();
    let bench = Bench::with(table_of(group("tg", vec![target("i-1", refusing, TargetState::Healthy)]))).await;
    assert_eq!(bench.get("/").await.0, StatusCode::BAD_GATEWAY);
    let reading = &bench.balancer.take_period().target_groups[0];
    assert_eq!((reading.request_count, reading.target_connection_errors, reading.elb_codes[&502]), (1, 1, 1));
    assert!(reading.target_response_time.is_empty(), "nobody answered");
    bench.stop().await;
}

#[tokio::test]
async fn a_target_that_never_accepts_the_connection_is_504_and_a_connection_error() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(LOOPBACK).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    // Nobody accepts them, and the queue is as short as may be: once it is full, the kernel leaves connections waiting.
    let mut queued = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(300), TcpStream::connect(addr)).await {
        queued.push(connected.unwrap());
    }
    let settings = Settings { connect_timeout: Duration::from_millis(300), ..Settings::default() };
    let table = table_of(group("tg", vec![target("i-1", addr, TargetState::Healthy)]));
    let bench = Bench::start(settings, table).await;
    assert_eq!(bench.get("/").await.0, StatusCode::GATEWAY_TIMEOUT);
    let reading = &bench.balancer.take_period().target_groups[0];
    assert_eq!((reading.target_connection_errors, reading.elb_codes[&504]), (1, 1));
    bench.stop().await;
}

#[tokio::test]
async fn a_target_that_breaks_off_before_its_head_is_502_without_a_second_try() {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let table = table_of(group("tg", vec![target("i-1", addr, TargetState::Healthy)]));
    let asked = tokio::spawn(async move {
        let mut asked = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await.unwrap();
            if head[..read].starts_with(b"GET /break") {
                asked += 1;
            } else if head[..read].starts_with(b"GET /enough") {
                return asked;
            }
        }
        asked
    });
    let bench = Bench::with(table).await;
    assert_eq!(bench.get("/break").await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(bench.get("/enough").await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(asked.await.unwrap(), 1);
    let reading = &bench.balancer.take_period().target_groups[0];
    assert_eq!((reading.elb_codes[&502], reading.target_connection_errors), (2, 0));
    bench.stop().await;
}

#[tokio::test]
async fn a_target_that_is_silent_for_the_idle_timeout_is_504() {
    let stub = Stub::after(PATIENCE).await;
    let mut table = table_of(group("tg", vec![healthy("i-1", &stub)]));
    table.idle_timeout = Duration::from_millis(100);
    let bench = Bench::with(table).await;
    assert_eq!(bench.get("/").await.0, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(bench.balancer.take_period().target_groups[0].elb_codes[&504], 1);
    bench.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_is_counted_as_460_and_frees_its_place_in_the_queue() {
    let stub = Stub::saying("served").await;
    let slow_machine =
        Settings { profile: Some(Profile::new(1, 0.3, 0.0, 1).unwrap()), ..Settings::default() };
    let bench =
        Arc::new(Bench::start(slow_machine, table_of(group("tg", vec![healthy("i-1", &stub)]))).await);
    let first = tokio::spawn({
        let bench = bench.clone();
        async move { bench.get("/").await }
    });
    bench.readings_when(|readings| readings.target_groups[0].request_count == 1).await;
    for _ in 0..20 {
        let mut leaver = TcpStream::connect(bench.balancer.local_addr()).await.unwrap();
        leaver.write_all(b"GET /queued HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        bench.readings_when(|readings| readings.target_groups[0].request_count == 1).await;
        drop(leaver);
        let left = bench.readings_when(|readings| !readings.load_balancer.elb_codes.is_empty()).await;
        assert_eq!(left.load_balancer.elb_codes[&460], 1);
    }
    let started = tokio::time::Instant::now();
    assert_eq!(bench.get("/").await.0, StatusCode::OK);
    assert!(started.elapsed() < Duration::from_secs(3), "twenty who had left would have been served first");
    first.await.unwrap();
    Arc::into_inner(bench).unwrap().stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_within_its_upload_is_460_and_not_the_targets_fault() {
    let stub = Stub::answering(|request: Request<Incoming>| async move {
        match request.into_body().collect().await {
            Ok(_) => say("whole"),
            Err(_) => status(400),
        }
    })
    .await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    let mut leaver = TcpStream::connect(bench.balancer.local_addr()).await.unwrap();
    leaver.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly a part").await.unwrap();
    bench.readings_when(|readings| readings.target_groups[0].request_count == 1).await;
    drop(leaver);
    let readings = bench.readings_when(|readings| !readings.load_balancer.elb_codes.is_empty()).await;
    assert_eq!(readings.load_balancer.elb_codes.into_iter().collect::<Vec<_>>(), [(460, 1)]);
    bench.stop().await;
}

#[tokio::test]
async fn connections_over_the_maximum_are_rejected_and_counted() {
    let stub = Stub::saying("served").await;
    let settings = Settings { connections_max: 1, ..Settings::default() };
    let bench = Bench::start(settings, table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    assert_eq!(bench.get("/").await.0, StatusCode::OK);
    let mut second = TcpStream::connect(bench.balancer.local_addr()).await.unwrap();
    let read = timeout(PATIENCE, second.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "closed without a word");
    let edge = bench.balancer.take_period().load_balancer;
    assert_eq!((edge.new_connections, edge.rejected_connections, edge.active_connections), (1, 1, 1));
    bench.stop().await;
}

#[tokio::test]
async fn the_readings_equal_what_the_client_saw() {
    let stub = Stub::answering(|request: Request<_>| async move {
        match request.uri().path() {
            "/200" => say("ok"),
            "/304" => status(304),
            "/404" => status(404),
            "/500" => status(500),
            _ => status(200),
        }
    })
    .await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    for (path, times) in [("/200", 7), ("/304", 5), ("/404", 3), ("/500", 2)] {
        for _ in 0..times {
            assert_eq!(bench.get(path).await.0.as_str(), &path[1..]);
        }
    }
    let reading = &bench.balancer.take_period().target_groups[0];
    let classes = [reading.target_2xx, reading.target_3xx, reading.target_4xx, reading.target_5xx];
    assert_eq!((reading.request_count, classes, reading.elb_5xx()), (17, [7, 5, 3, 2], 0));
    assert_eq!(reading.target_response_time.iter().map(|(_, count)| count).sum::<u64>(), 17);
    assert!(reading.target_response_time.iter().all(|&(seconds, _)| seconds > 0.0 && seconds < 20.0));
    assert!(reading.target_response_time.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!((reading.healthy_hosts, reading.unhealthy_hosts), (1, 0));
    assert_eq!(bench.balancer.take_period().target_groups[0].request_count, 0, "a period is read once");
    bench.stop().await;
}

#[tokio::test]
async fn with_a_profile_the_queue_is_part_of_the_response_time() {
    let stub = Stub::saying("at once").await;
    let machine = Settings { profile: Some(Profile::new(1, 0.1, 0.0, 1).unwrap()), ..Settings::default() };
    let bench = Bench::start(machine, table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    tokio::join!(bench.get("/"), bench.get("/"), bench.get("/"));
    let readings = bench.balancer.take_period();
    let times: Vec<_> =
        readings.target_groups[0].target_response_time.iter().map(|&(seconds, _)| seconds).collect();
    for (time_s, at_least_s) in times.iter().zip([0.1, 0.2, 0.3]) {
        assert!(*time_s > at_least_s * 0.99, "{times:?}");
    }
    let instance = &readings.instances[0];
    assert!((0.29..0.5).contains(&instance.busy_slot_s), "{instance:?}");
    assert!(instance.utilization() > 0.3 && instance.utilization() <= 1.0, "{instance:?}");
    bench.stop().await;
}
