//! What the daemon tells over HTTP.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use controller::clock::Clock;
use controller::daemon::Board;
use controller::http::{Sources, routes};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tower::ServiceExt;

use crate::world::{Cloud, EPOCH_S, Faults, Ledger, Office, Running, config};

struct Page {
    status: StatusCode,
    body: String,
}

impl Page {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn get(board: &Board, clock: Clock, path: &str) -> Page {
    get_with(PrometheusBuilder::new().build_recorder().handle(), board, clock, path).await
}

async fn get_with(figures: PrometheusHandle, board: &Board, clock: Clock, path: &str) -> Page {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = routes(Sources { board: board.clone(), figures, clock }).oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Page { status, body: String::from_utf8(body.to_vec()).unwrap() }
}

#[tokio::test(start_paused = true)]
async fn healthz_is_about_the_loop() {
    let world = Running::settled(config(""), 2, 12.0).await;
    let (board, clock) = (world.board.clone(), world.clock);
    assert_eq!(get(&board, clock, "/healthz").await.status, StatusCode::OK);
    world.kill().await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    let page = get(&board, clock, "/healthz").await;
    assert_eq!((page.status, &page.json()["alive"]), (StatusCode::SERVICE_UNAVAILABLE, &false.into()));
}

#[tokio::test(start_paused = true)]
async fn readyz_waits_for_the_first_whole_observation() {
    let world = Running::settled(config(""), 2, 12.0).await;
    assert_eq!(get(&world.board, world.clock, "/readyz").await.status, StatusCode::OK);
    let (clock, cloud, _) = world.stop().await;
    cloud.break_with(Faults { metrics: Some(aws::Kind::Throttled), ..Faults::default() });
    let world = Running::start(config(""), clock, cloud, Ledger::default(), false).await;
    world.pass(10).await;
    let page = get(&world.board, world.clock, "/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.json()["waiting_for"], serde_json::json!(["web"]));
}

#[tokio::test(start_paused = true)]
async fn readyz_tells_of_a_full_disk_while_the_loop_goes_on() {
    let world = Running::settled(config(""), 2, 12.0).await;
    world.ledger.fill(true);
    world.cloud.set_load(60.0);
    world.pass(60).await;
    let page = get(&world.board, world.clock, "/readyz").await;
    assert_eq!((page.status, &page.json()["journal_fails"]), (StatusCode::SERVICE_UNAVAILABLE, &true.into()));
    assert_eq!(get(&world.board, world.clock, "/healthz").await.status, StatusCode::OK);
    let state = get(&world.board, world.clock, "/state").await.json();
    assert!(world.cloud.desired() >= 5 && state["groups"]["web"]["last_outcome"]["result"] == "set");
    world.ledger.fill(false);
    world.pass(5).await;
    assert_eq!(get(&world.board, world.clock, "/readyz").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn state_tells_the_last_decision_whole_and_the_turns() {
    let world = Running::settled(config(""), 2, 12.0).await;
    world.cloud.set_load(60.0);
    world.pass(60).await;
    let state = get(&world.board, world.clock, "/state").await.json();
    let group = &state["groups"]["web"];
    assert!(group["last"]["sentence"].as_str().unwrap().starts_with("Hold at"), "{group:#}");
    assert_eq!(group["last"]["decision"]["inputs"]["requests_per_s"]["is"], "fresh");
    assert_eq!(group["last_outcome"]["result"], "set");
    assert_eq!(group["dry_run"], false);
    let recent = group["recent"].as_array().unwrap();
    assert!(recent.iter().any(|turn| turn["decision"]["action"] == "scale_out"));
}

#[tokio::test(start_paused = true)]
async fn metrics_count_decisions_and_calls() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let world = Running::settled(config(""), 2, 12.0).await;
    let page = get_with(figures, &world.board, world.clock, "/metrics").await;
    for line in [
        "controller_decisions_total{group=\"web\",action=\"hold\",reason=\"at_minimum\"}",
        "controller_aws_calls_total{operation=\"GetMetricData\",outcome=\"ok\"} 7",
        "controller_in_service_instances{group=\"web\"} 2",
        "controller_latency_p95_seconds{group=\"web\"} 0.3",
        "controller_requests_per_second{group=\"web\"} 12",
    ] {
        assert!(page.body.contains(line), "no {line} in\n{}", page.body);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_stands_by_says_so_and_is_ready() {
    let clock = Clock::starting_at(EPOCH_S);
    let office = Office::new(clock, Cloud::new(clock, 2, 12.0));
    let (leader, _) = office.daemon(1, config("")).await;
    leader.pass(1).await;
    let (standby, _) = office.daemon(2, config("")).await;
    leader.pass(30).await;
    for (board, leads) in [(&leader.board, true), (&standby.board, false)] {
        let page = get(board, clock, "/healthz").await;
        assert_eq!((page.status, &page.json()["leads"]), (StatusCode::OK, &leads.into()));
        assert_eq!(get(board, clock, "/readyz").await.status, StatusCode::OK);
    }
}
