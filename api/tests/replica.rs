//! Which server the reads go to.

use api::settings::DatabaseSettings;
use api::state::{AppState, Parts};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::routes::Operation;
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

/// Gives every query up with this SQLSTATE, as a hot standby does that has to replay what the query still needs.
async fn gives_up(database: &TestDatabase, sqlstate: &str) {
    let statement = format!(
        r#"
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('ALTER TABLE %1$I RENAME TO %2$I', name, name || '_');
                EXECUTE format('CREATE FUNCTION %2$I() RETURNS SETOF %2$I LANGUAGE plpgsql AS '
                    '$f$ BEGIN RAISE EXCEPTION ''conflict with recovery'' USING ERRCODE = ''{sqlstate}''; END $f$; '
                    'CREATE VIEW %1$I AS SELECT * FROM %2$I()', name, name || '_');
            END LOOP;
        END $$"#
    );
    database.execute(&statement).await;
}

/// What only reads, by whatever method.
fn reads() -> Vec<Operation> {
    let by_body = ["POST /portfolios/holdings/batch", "POST /auth/refresh"];
    let all = Operation::all_with_deletions_last().into_iter();
    all.filter(|it| it.method == "GET" || by_body.contains(&it.name().as_str())).collect()
}

#[tokio::test]
async fn what_the_replica_gives_up_is_read_from_the_primary() {
    for sqlstate in ["40001", "40P01"] {
        let replica = TestDatabase::with_two_users().await;
        gives_up(&replica, sqlstate).await;
        let app = app(TestDatabase::with_two_users().await, &replica.url).await;
        for read in reads() {
            let answer = read.ask(&app, Some("alice")).await;
            assert_eq!(answer.status, 200, "{sqlstate}: {}: {}", read.name(), answer.text());
        }
    }
}

/// Who reads has contradicted nobody, so it is no 409.
#[tokio::test]
async fn what_no_server_serves_is_unavailable() {
    let primary = TestDatabase::with_two_users().await;
    gives_up(&primary, "40001").await;
    let replica = TestDatabase::with_two_users().await;
    gives_up(&replica, "40001").await;
    let app = app(primary, &replica.url).await;
    for read in reads().into_iter().filter(|it| !it.path.starts_with("/health")) {
        let answer = read.ask(&app, Some("alice")).await;
        assert_eq!(answer.status, 503, "{}: {}", read.name(), answer.text());
        assert_eq!(answer.header("retry-after"), "1", "{}", read.name());
    }
}
