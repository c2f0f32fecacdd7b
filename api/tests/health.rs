//! `GET /health`, `/health/database`, `/health/live`, `/health/ready`: public.

use api::settings::DatabaseSettings;

use crate::support::{Statements, TestApp, TestDatabase};

/// An application whose database does not exist.
async fn without_database() -> TestApp {
    let database = TestDatabase::empty().await;
    let url = format!("{}_gone", database.url.trim_end_matches('?')).parse().unwrap();
    TestApp::with(database, DatabaseSettings::at(url), None).await
}

#[tokio::test]
async fn says_what_the_beta_says() {
    let app = TestApp::with_two_users().await;
    let health = app.get_as_nobody("/health").await;
    assert_eq!((health.status.as_u16(), health.header("cache-control")), (200, "no-store"));
    assert_eq!(health.json()["status"], "ok");
    assert_eq!(health.json()["service"], "ExStrat API");
    assert_eq!(health.json()["timestamp"].as_str().unwrap().len(), "2025-01-31T12:00:00.000Z".len());
    let database = app.get_as_nobody("/health/database").await;
    assert_eq!((database.status.as_u16(), &database.json()["status"]), (200, &"success".into()));
}

#[tokio::test]
async fn is_live_and_ready() {
    let app = TestApp::with_two_users().await;
    for path in ["/health/live", "/health/ready"] {
        let answer = app.get_as_nobody(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, r#"{"status":"ok"}"#), "{path}");
    }
}

#[tokio::test]
async fn draining_is_live_but_not_ready() {
    let app = TestApp::with_two_users().await;
    app.state.draining.cancel();
    let ready = app.get_as_nobody("/health/ready").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.header("content-type"), "application/problem+json");
    assert_eq!(ready.json()["message"], "The instance is draining");
    assert_eq!(ready.header("connection"), "close");
    assert_eq!(app.get_as_nobody("/health/live").await.status, 200);
    assert_eq!(app.get("/portfolios", "alice").await.status, 200, "what still arrives is served");
}

#[tokio::test]
async fn without_a_database_is_live_and_tells_nothing() {
    let app = without_database().await;
    let database = app.get_as_nobody("/health/database").await;
    assert_eq!(
        (database.status.as_u16(), &database.json()["message"]),
        (503, &"The database does not answer".into())
    );
    assert_eq!(app.get_as_nobody("/health/live").await.status, 200);
    let dashboard = app.get("/dashboard", "alice").await;
    assert_eq!(
        (dashboard.status.as_u16(), &dashboard.json()["message"]),
        (503, &"The database does not answer".into())
    );
}

/// A load balancer that took the busy for the dead would take away what is needed most.
#[tokio::test]
async fn a_busy_pool_is_ready() {
    let app = TestApp::with_two_users().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(app.state.database.reads().acquire().await.unwrap());
    }
    assert!(app.state.database.reads().try_acquire().is_none(), "every connection is taken");
    assert_eq!(app.get_as_nobody("/health/ready").await.status, 200);
}

/// The database is asked four times a second, and one that comes back must not be met with more.
#[tokio::test]
async fn a_health_check_makes_no_statement() {
    let app = TestApp::with_two_users().await;
    let statements = Statements::count();
    app.state.database.check_primary().await.unwrap();
    assert_eq!(statements.take(), 0, "nor does its connection begin with one");
    assert_eq!(app.get("/auth/profile", "alice").await.status, 200);
    assert_eq!(statements.take(), 2, "as those do that serve: the limit of its statements, and one");
}
