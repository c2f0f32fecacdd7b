//! Which server the reads go to.

use api::settings::DatabaseSettings;

use crate::support::{TestApp, TestDatabase};

/// The application on `primary`, with the replica at this address.
async fn app(primary: TestDatabase, replica_url: &str) -> TestApp {
    let url = primary.url.parse().unwrap();
    let settings = DatabaseSettings { url, replica_url: Some(replica_url.parse().unwrap()), pool_size: 2 };
    TestApp::with(primary, settings, None).await
}

#[tokio::test]
async fn reads_go_to_the_replica() {
    let replica = TestDatabase::with_two_users().await;
    replica.execute(r#"UPDATE "Portfolio" SET name = 'On the replica'"#).await;
    let app = app(TestDatabase::with_two_users().await, &replica.url).await;
    assert_eq!(app.get_as_nobody("/health/ready").await.status, 200);
    for path in ["/portfolios", "/dashboard"] {
        assert!(app.get(path, "alice").await.text().contains("On the replica"), "{path}");
    }
}

#[tokio::test]
async fn while_the_replica_does_not_answer_they_go_to_the_primary() {
    let app = app(TestDatabase::with_two_users().await, "postgres://exstrat@127.0.0.1:1/nowhere").await;
    assert_eq!(app.get_as_nobody("/health/ready").await.status, 200, "the primary can serve");
    assert_eq!(app.get("/portfolios", "alice").await.status, 200);
}
