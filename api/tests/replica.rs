//! Which server the reads go to.

use api::settings::DatabaseSettings;
use api::state::{AppState, Parts};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{TestApp, TestDatabase};

/// The application on `primary`, with the replica at this address.
async fn app(primary: TestDatabase, replica_url: &str) -> TestApp {
    let url = primary.url.parse().unwrap();
    let settings =
        DatabaseSettings { replica_url: Some(replica_url.parse().unwrap()), ..DatabaseSettings::at(url) };
    TestApp::with(primary, settings, None).await
}

#[tokio::test]
async fn reads_go_to_the_replica() {
    let replica = TestDatabase::with_two_users().await;
    replica.execute(r#"UPDATE "Portfolio" SET name = 'On the replica'"#).await;
    let app = app(TestDatabase::with_two_users().await, &replica.url).await;
    for path in ["/portfolios", "/dashboard"] {
        assert!(app.get(path, "alice").await.text().contains("On the replica"), "{path}");
    }
}

#[tokio::test]
async fn while_the_replica_does_not_answer_they_go_to_the_primary() {
    let app = app(TestDatabase::with_two_users().await, "postgres://exstrat@127.0.0.1:1/nowhere").await;
    let cold = Parts { warm: CancellationToken::new(), ..Parts::clone(&app.state) };
    let fresh = AppState::from(cold);
    api::warm_up::run(fresh.clone()).await;
    assert!(fresh.warm.is_cancelled(), "an instance that starts now can serve");
    assert_eq!(app.get("/portfolios", "alice").await.status, 200);
}

/// A replica lags: who has written is served from the primary, others still from the replica.
#[tokio::test]
async fn a_user_reads_what_they_wrote() {
    let replica = TestDatabase::with_two_users().await;
    let app = app(TestDatabase::with_two_users().await, &replica.url).await;
    let renamed = app.ask("PUT", "/portfolios/a-new", "alice", &json!({"name": "Just written"})).await;
    assert_eq!(renamed.status, 200);
    for path in ["/portfolios", "/portfolios/a-new", "/dashboard"] {
        assert!(app.get(path, "alice").await.text().contains("Just written"), "{path}");
    }
    app.database.execute(r#"UPDATE "Portfolio" SET name = 'On the primary'"#).await;
    assert!(app.get("/portfolios", "bob").await.text().contains("Of Bob"), "nobody told that Bob wrote");
}

/// Without a health check that would have noticed before.
#[tokio::test]
async fn a_read_that_the_replica_fails_is_answered_by_the_primary() {
    let app = app(TestDatabase::with_two_users().await, "postgres://exstrat@127.0.0.1:1/nowhere").await;
    assert_eq!(app.get("/dashboard", "alice").await.status, 200);
}
