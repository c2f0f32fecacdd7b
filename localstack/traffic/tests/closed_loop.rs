//! Users who wait for their answers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::time::Duration;

use http::StatusCode;
use support::{Stub, run_at, scenario};
use tokio::time::sleep;
use traffic::Call;

#[tokio::test]
async fn a_closed_loop_obeys_littles_law() {
    let stub = Stub::answering(|_, _| async {
        sleep(Duration::from_millis(60)).await;
        StatusCode::OK
    })
    .await;
    let (users, think_time_s, duration_s) = (20.0, 0.04, 3.0);
    let scenario = scenario(&format!(
        r#"
        name = "steady users"
        seed = 7
        load = "dashboard"
        [closed]
        users = {users}
        think_time_s = {think_time_s}
        duration_s = {duration_s}
        "#,
    ));
    let loads = run_at(stub.base, &scenario).await.loads;
    let throughput_per_s = loads.count as f64 / duration_s;
    let users_by_law = throughput_per_s * (loads.mean_s.unwrap() + think_time_s);
    assert!((users_by_law / users - 1.0).abs() < 0.12, "{users_by_law} users by {loads:?}");
}

#[tokio::test]
async fn the_betas_test_is_four_calls_each_once_by_all_at_once() {
    let stub = Stub::answering(|_, _| async {
        sleep(Duration::from_millis(20)).await;
        StatusCode::OK
    })
    .await;
    let scenario = scenario(
        r#"
        name = "beta"
        seed = 7
        load = "four_calls"
        [closed]
        users = 6
        loads_per_user = 1
        "#,
    );
    let report = run_at(stub.base, &scenario).await;
    let calls: Vec<_> = report.calls.iter().map(|&(call, summary)| (call, summary.count)).collect();
    let expected =
        [Call::Portfolios, Call::Holdings, Call::Forecasts, Call::Strategies].map(|call| (call, 6));
    assert_eq!((report.loads.count, calls.as_slice()), (6, expected.as_slice()));
    let calls_s: f64 = report.calls.iter().map(|(_, summary)| summary.mean_s.unwrap()).sum();
    assert!((report.loads.mean_s.unwrap() - calls_s).abs() < 0.05, "a load is the sum of its calls");
    let asked = stub.asked();
    for user in 1..=3 {
        for path in [format!("/portfolios/p-{user}/holdings"), "/portfolios/forecasts".to_owned()] {
            let times = asked.iter().filter(|&line| *line == format!("{path} Bearer token-{user}")).count();
            assert_eq!(times, 2, "six users are the three of the list in turn: {path}");
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_ends_and_fails_its_load() {
    let stub = Stub::answering(|_, path| async move {
        if path.ends_with("/holdings") { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    })
    .await;
    let scenario = scenario(
        r#"
        name = "half"
        seed = 7
        load = "four_calls"
        [closed]
        users = 2
        ramp_s = 0.2
        loads_per_user = 2
        "#,
    );
    let report = run_at(stub.base, &scenario).await;
    assert_eq!((report.loads.count, report.loads.failed, stub.asked().len()), (4, 4, 8));
    assert_eq!(report.causes[0].0, "GET /portfolios/{id}/holdings: status 500 Internal Server Error");
}
