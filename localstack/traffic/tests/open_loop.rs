//! Users who come by schedule, whatever the server does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::time::Duration;

use http::StatusCode;
use support::{Stub, recorder, run_at, scenario, users};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use traffic::{FiledBy, RateDial, RunError, run};

const TWENTY_A_SECOND: &str = r#"
    name = "steady"
    seed = 7
    load = "dashboard"
    [[stage]]
    name = "before"
    duration_s = 3
    users_per_s = 20
"#;

#[tokio::test]
async fn a_stalled_server_is_charged_for_all_who_came_meanwhile() {
    let start = Instant::now();
    let (from, until) = (start + Duration::from_millis(500), start + Duration::from_millis(2500));
    let stub = Stub::answering(move |_, _| async move {
        if Instant::now() > from {
            sleep_until(until).await;
        }
        StatusCode::OK
    })
    .await;
    let scenario = scenario(TWENTY_A_SECOND);
    let loads = run_at(stub.base, &scenario).await.loads;
    assert!((40..=85).contains(&loads.count), "the stall must not hold arrivals back: {loads:?}");
    assert!(loads.p99_s.unwrap() > 1.5 && loads.mean_s.unwrap() > 0.3, "{loads:?}");
    assert_eq!((loads.failed, stub.asked().len() as u64), (0, loads.count));
}

/// Stub and users share the test's one thread here, so blocking it keeps the users from sending. Their loads must still
/// count from when they were meant to start.
#[tokio::test]
async fn a_load_that_could_only_be_sent_late_counts_from_when_it_was_meant_to_start() {
    let stub = Stub::answering(|number, _| async move {
        if number == 5 {
            std::thread::sleep(Duration::from_secs(1));
        }
        StatusCode::OK
    })
    .await;
    let report = run_at(stub.base, &scenario(&TWENTY_A_SECOND.replace("= 3", "= 2"))).await;
    let late = report.loads.p95_s.unwrap() - report.calls[0].1.p50_s.unwrap();
    assert!(late > 0.5, "{report:?}");
}

#[tokio::test]
async fn every_failure_is_counted_and_slow() {
    let stub = Stub::answering(|number, _| async move {
        if number % 3 == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    })
    .await;
    let report = run_at(stub.base, &scenario(&TWENTY_A_SECOND.replace("= 3", "= 1"))).await;
    let asked = stub.asked().len() as u64;
    assert_eq!((report.loads.count, report.loads.failed), (asked, asked.div_ceil(3)));
    assert_eq!(report.loads.slow, report.loads.failed);
    // To three significant digits: percentiles come from a histogram.
    assert!((report.loads.p95_s.unwrap() / 60.0 - 1.0).abs() < 1e-3, "{report:?}");
    assert_eq!(
        report.causes,
        [("GET /dashboard: status 503 Service Unavailable".to_owned(), report.loads.failed)]
    );
    assert_eq!(report.calls[0].1.failed, report.loads.failed);
}

#[tokio::test]
async fn a_refused_connection_a_timeout_and_a_broken_answer_are_failures() {
    let refusing = TcpSocket::new_v4().unwrap();
    refusing.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let silent = Stub::answering(|_, _| async {
        sleep(Duration::from_hours(1)).await;
        StatusCode::OK
    })
    .await;
    let (breaking, _server) = breaking_off().await;
    let once = scenario(
        r#"
        name = "once"
        seed = 1
        load = "dashboard"
        timeout_s = 0.2
        [closed]
        users = 2
        loads_per_user = 1
        "#,
    );
    for (base, cause) in [
        (refusing.local_addr().unwrap(), "GET /dashboard: Connection refused (os error 111)"),
        (silent.base.into(), "GET /dashboard: no complete answer within 0.2 s"),
        (breaking, "GET /dashboard: the answer broke off: "),
    ] {
        let report = run_at(base.try_into().unwrap(), &once).await;
        assert_eq!((report.loads.count, report.loads.failed), (2, 2), "{cause}");
        assert!(report.causes[0].0.starts_with(cause) && report.causes[0].1 == 2, "{:?}", report.causes);
    }
}

#[tokio::test]
async fn a_load_over_the_bound_is_not_sent_and_counted_as_failed() {
    let stub = Stub::answering(|_, _| async {
        sleep(Duration::from_secs(2)).await;
        StatusCode::OK
    })
    .await;
    let bounded = scenario(&TWENTY_A_SECOND.replace("= 3", "= 1").replace("seed", "in_flight_max = 4\nseed"));
    let report = run_at(stub.base, &bounded).await;
    assert_eq!((stub.asked().len(), report.loads.count - report.loads.failed), (4, 4));
    assert_eq!(report.causes, [("not sent: 4 loads were in flight".to_owned(), report.loads.failed)]);
    assert!(report.loads.failed > 3);
}

#[tokio::test]
async fn stages_can_be_told_apart() {
    let stub = Stub::answering(|_, _| async { StatusCode::OK }).await;
    let scenario = scenario(
        r#"
        name = "surge"
        seed = 3
        load = "dashboard"
        [[stage]]
        name = "before"
        duration_s = 1
        users_per_s = 10
        [[stage]]
        name = "peak"
        duration_s = [0.9, 1.1]
        users_per_s = { from = 100, to = 200 }
        "#,
    );
    let recorder = recorder(&scenario);
    let (dial, cancel) = (RateDial::default(), CancellationToken::new());
    let whole = run(&scenario, stub.base, users(1), recorder.clone(), dial, cancel).await.unwrap();
    let counts: Vec<_> = scenario
        .stages()
        .iter()
        .map(|stage| recorder.report_between(stage.start_s, stage.end_s, FiledBy::Start).loads.count)
        .collect();
    assert!(counts[0] < 30 && (90..220).contains(&counts[1]), "{counts:?}");
    assert_eq!(counts.iter().sum::<u64>(), whole.loads.count);
}

#[tokio::test]
async fn the_dial_multiplies_the_rate_while_it_runs() {
    let stub = Stub::answering(|_, _| async { StatusCode::OK }).await;
    let scenario = scenario(&TWENTY_A_SECOND.replace("= 3", "= 2"));
    let (recorder, dial) = (recorder(&scenario), RateDial::default());
    dial.set(0.0);
    let turned = async {
        sleep(Duration::from_secs(1)).await;
        dial.set(10.0);
    };
    let ran = run(&scenario, stub.base, users(1), recorder.clone(), dial.clone(), CancellationToken::new());
    let (report, ()) = tokio::join!(ran, turned);
    let at_rest = recorder.report_between(0.0, 0.95, FiledBy::Start).loads.count;
    assert_eq!(at_rest, 0);
    assert!((140..=260).contains(&report.unwrap().loads.count), "200 expected in the second half");
}

#[tokio::test]
async fn a_cancelled_run_ends_at_once_and_leaves_nothing() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let stub = Stub::answering(|_, _| async {
        sleep(Duration::from_hours(1)).await;
        StatusCode::OK
    })
    .await;
    let scenario = scenario(&TWENTY_A_SECOND.replace("= 3", "= 3000"));
    let (recorder, cancel) = (recorder(&scenario), CancellationToken::new());
    let stop = async {
        while recorder.live().in_flight < 3 {
            sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    };
    let ran = run(&scenario, stub.base, users(1), recorder.clone(), RateDial::default(), cancel.clone());
    let (report, ()) = tokio::join!(ran, stop);
    assert_eq!(report.unwrap().loads.count, 0);
    let live = recorder.live();
    assert!(live.started >= 3 && live.in_flight == 0 && live.ended == 0, "{live:?}");
    drop(stub);
    let gone = async {
        while alive() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), gone).await.expect("tasks of the run are left");
}

#[tokio::test]
async fn a_run_needs_users_and_a_recorder_of_its_own() {
    let stub = Stub::answering(|_, _| async { StatusCode::OK }).await;
    let scenario = scenario(&TWENTY_A_SECOND.replace("= 3", "= 0.1"));
    let recorder = recorder(&scenario);
    let with = |users| {
        run(&scenario, stub.base, users, recorder.clone(), RateDial::default(), CancellationToken::new())
    };
    assert_eq!(with(Vec::new()).await.unwrap_err(), RunError::NoUsers);
    assert!(with(users(1)).await.is_ok());
    assert_eq!(with(users(1)).await.unwrap_err(), RunError::RecorderUsed);
}

/// Promises ten bytes, sends two, and closes.
async fn breaking_off() -> (std::net::SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = stream.read(&mut [0; 1024]).await.unwrap();
            assert!(asked > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}").await.unwrap();
        }
    });
    (addr, AbortOnDropHandle::new(server))
}
