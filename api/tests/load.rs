//! Under load: who asks too often, what is too much, and what is observed of it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use api::admission::Capacity;
use api::limits::{Limits, RateLimit};
use api::router::{RouterSettings, router};
use api::state::Parts;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{ApiProcess, TestApp, TestDatabase, access_token, router_settings};

#[tokio::test]
async fn a_user_who_asks_too_often_is_told_when_to_come_back() {
    let mut app = TestApp::with_two_users().await;
    let rate = RateLimit { per_second: NonZeroU32::MIN, burst: NonZeroU32::new(3).unwrap() };
    let limits = Arc::new(Limits::new(rate));
    app.state = Parts { limits, ..Parts::clone(&app.state) }.into();
    app.router = router(app.state.clone(), &router_settings());
    for _ in 0..3 {
        assert_eq!(app.get("/portfolios", "alice").await.status, 200);
    }
    let refused = app.get("/portfolios", "alice").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1"));
    assert_eq!(refused.json()["statusCode"], 429);
    assert_eq!(app.get("/portfolios", "bob").await.status, 200, "one user's haste is not another's");
}

#[tokio::test]
async fn passwords_are_not_guessed_by_trying() {
    let app = TestApp::with_two_users().await;
    let attempt = json!({"email": "nobody@example.com", "password": "wrong password"});
    app.tried_ten_times("nobody@example.com");
    assert_eq!(app.ask_with("POST", "/auth/signin", &[], &attempt).await.status, 429);
}

fn bought(symbol: &str) -> Value {
    json!({"symbol": symbol, "name": "x", "cmcId": 7, "quantity": 1, "amountInvested": 1, "averagePrice": 1,
           "type": "BUY", "transactionDate": "2025-02-01"})
}

/// Tokens stay for ever, and anybody signed in may name one.
#[tokio::test]
async fn nobody_names_new_tokens_without_end() {
    let app = TestApp::with_two_users().await;
    let import = async |count: u32| {
        let items: Vec<_> = (0..count).map(|n| bought(&format!("T{n}"))).collect();
        app.ask("POST", "/transactions/batch", "alice", &json!({"transactions": items})).await
    };
    assert_eq!(import(250).await.json()["successCount"], 250);
    assert_eq!(import(250).await.json()["successCount"], 250, "now they are known");
    let one_more = app.ask("POST", "/transactions", "alice", &bought("NEW")).await;
    assert_eq!((one_more.status.as_u16(), one_more.header("retry-after").is_empty()), (429, false));
    let strategy = json!({"name": "x", "symbol": "NEW", "tokenName": "x", "cmcId": 7, "baseQuantity": 1, "referencePrice": 1,
                          "steps": [{"targetType": "exact_price", "targetValue": 5, "sellPercentage": 50}]});
    assert_eq!(app.ask("POST", "/strategies", "alice", &strategy).await.status, 429);
    let renamed = json!({"symbol": "NEW"});
    assert_eq!(app.ask("PATCH", "/transactions/x-1", "alice", &renamed).await.status, 429);
    assert_eq!(app.ask("POST", "/transactions", "alice", &bought("BTC")).await.status, 201);
    assert_eq!(app.ask("POST", "/transactions", "bob", &bought("NEW")).await.status, 201);
}

/// A first import has many: those that are one too many are told, and the others are imported.
#[tokio::test]
async fn an_import_with_too_many_new_tokens_is_imported_but_for_those() {
    let app = TestApp::with_two_users().await;
    // Each token twice, so that the limit counts tokens and not transactions; the last of them is known.
    let symbols = (0..300).flat_map(|n| [n, n]).map(|n| format!("T{n}")).chain(["BTC".to_owned()]);
    let items: Vec<_> = symbols.map(|symbol| bought(&symbol)).collect();
    let import = json!({"transactions": items});
    let refused = json!({"transactions": items, "defaultPortfolioId": "b-main"});
    let refused = app.ask("POST", "/transactions/batch", "alice", &refused).await.json();
    assert_eq!(refused["successCount"], 0, "the portfolio is another's");
    app.database
        .execute(r#"ALTER TABLE "Transaction" ADD CONSTRAINT no CHECK (symbol <> 'T7') NOT VALID"#)
        .await;
    assert_eq!(app.ask("POST", "/transactions/batch", "alice", &import).await.status, 500, "all is undone");
    app.database.execute(r#"ALTER TABLE "Transaction" DROP CONSTRAINT no"#).await;
    let imported = app.ask("POST", "/transactions/batch", "alice", &import).await;
    assert_eq!(imported.status, 201, "{}", imported.text());
    let imported = imported.json();
    assert_eq!((&imported["successCount"], &imported["failedCount"]), (&json!(501), &json!(100)));
    let failed: Vec<_> =
        imported["failed"].as_array().unwrap().iter().map(|it| it["index"].as_u64().unwrap()).collect();
    assert_eq!(failed, (500..600).collect::<Vec<_>>());
    assert_eq!(
        imported["failed"][0]["error"],
        "Of tokens that nobody has named before you may name 250 at once and then one a minute"
    );
    assert_eq!(
        app.database.value::<i64>(r#"SELECT count(*) FROM "Token" WHERE symbol LIKE 'T%'"#).await,
        250
    );
    assert_eq!(app.ask("POST", "/transactions", "alice", &bought("T299")).await.status, 429);
    assert_eq!(app.ask("POST", "/transactions/batch", "bob", &import).await.json()["successCount"], 601);
}

/// What is too much is refused at once; health checks are not held up by it.
#[tokio::test]
async fn more_than_can_be_served_is_refused_at_once() {
    let mut app = TestApp::with_two_users().await;
    let capacity = Capacity { at_once: 1, queue: 0, patience: Duration::from_secs(30) };
    app.router = router(app.state.clone(), &RouterSettings { capacity, ..router_settings() });
    let mut lock = app.database.pool.begin().await.unwrap();
    sqlx::query(r#"LOCK TABLE "Portfolio" IN ACCESS EXCLUSIVE MODE"#).execute(&mut *lock).await.unwrap();
    let under_way = app.get("/portfolios", "alice");
    let meanwhile = async {
        app.database.somebody_waits().await;
        let refused = app.get("/portfolios", "bob").await;
        assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, "1"));
        assert_eq!(refused.json()["message"], "Too much to do");
        assert_eq!(app.get_as_nobody("/health/ready").await.status, 200);
        lock.rollback().await.unwrap();
    };
    let (served, ()) = tokio::join!(under_way, meanwhile);
    assert_eq!(served.status, 200);
    assert_eq!(app.get("/portfolios", "bob").await.status, 200, "and the place is free again");
}

#[tokio::test]
async fn a_statement_has_an_end() {
    use api::settings::DatabaseSettings;
    let database = TestDatabase::with_two_users().await;
    let settings = DatabaseSettings {
        statement_timeout: Duration::from_millis(100),
        ..DatabaseSettings::at(database.url.parse().unwrap())
    };
    let app = TestApp::with(database, settings, None).await;
    let mut lock = app.database.pool.begin().await.unwrap();
    sqlx::query(r#"LOCK TABLE "Portfolio" IN ACCESS EXCLUSIVE MODE"#).execute(&mut *lock).await.unwrap();
    let answer = app.get("/portfolios", "alice").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["message"]),
        (503, &json!("The request took too long"))
    );
}

#[tokio::test]
async fn what_happens_is_counted() {
    api::observed::start();
    let app = TestApp::with_two_users().await;
    app.get("/portfolios/a-main/holdings", "alice").await;
    app.send(Request::builder().method("ZZ0").uri("/dashboard").body(Body::empty()).unwrap()).await;
    let metrics = app.get_as_nobody("/metrics").await;
    assert_eq!(metrics.status, 200);
    for line in [
        r#"api_requests_total{endpoint="/portfolios/{portfolioId}/holdings",method="GET",status="200"}"#,
        r#"api_requests_total{endpoint="/dashboard",method="other",status="405"}"#,
        r#"api_request_duration_seconds{endpoint="/portfolios/{portfolioId}/holdings",method="GET",quantile="0.95"}"#,
        r#"api_cache_outcomes_total{endpoint="holdings",outcome="bypass"}"#,
        r#"api_database_connections{pool="primary",state="used"}"#,
        r#"api_requests_shed_total{gate="passwords"}"#,
    ] {
        assert!(metrics.text().contains(line), "{line}: {}", metrics.text());
    }
    for invented in ["a-main", "ZZ0"] {
        assert!(!metrics.text().contains(invented), "{invented} is a label");
    }
}

/// Who gives up has waited longest. They are counted, and are not under way for ever.
#[tokio::test]
async fn a_client_that_gives_up_is_counted() {
    let database = TestDatabase::with_two_users().await;
    let process = ApiProcess::serve(&database, &[]);
    let mut lock = database.pool.begin().await.unwrap();
    sqlx::query(r#"LOCK TABLE "Portfolio" IN ACCESS EXCLUSIVE MODE"#).execute(&mut *lock).await.unwrap();
    let under_way = tokio::spawn(process.get("/dashboard", Some(&access_token("alice"))));
    process.serves(1).await;
    under_way.abort();
    process.serves(0).await;
    let metrics = process.get("/metrics", None).await.unwrap();
    for line in [
        r#"api_requests_total{endpoint="/dashboard",method="GET",status="499"} 1"#,
        r#"api_request_duration_seconds_count{endpoint="/dashboard",method="GET"} 1"#,
    ] {
        assert!(metrics.text().contains(line), "{line}: {}", metrics.text());
    }
}

#[tokio::test]
async fn a_cold_instance_is_not_ready_until_it_has_warmed_up() {
    let mut app = TestApp::with_two_users().await;
    let warm = tokio_util::sync::CancellationToken::new();
    app.state = Parts { warm, ..Parts::clone(&app.state) }.into();
    app.router = router(app.state.clone(), &router_settings());
    let cold = app.get_as_nobody("/health/ready").await;
    assert_eq!((cold.status.as_u16(), &cold.json()["message"]), (503, &json!("The instance is warming up")));
    api::warm_up::run(app.state.clone()).await;
    assert_eq!(app.get_as_nobody("/health/ready").await.status, 200);
}
