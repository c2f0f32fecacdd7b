//! Writing portfolios and holdings.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestApp, TestDatabase, eventually, redis_url};

#[tokio::test]
async fn there_is_one_default_portfolio() {
    let app = TestApp::with_two_users().await;
    let made = app.ask("POST", "/portfolios", "alice", &json!({"name": " New ", "isDefault": true})).await;
    assert_eq!((made.status.as_u16(), &made.json()["name"]), (201, &json!("New")), "{}", made.text());
    let defaults = async || {
        let all = app.get("/portfolios", "alice").await.json();
        let defaults = all.as_array().unwrap().iter().filter(|it| it["isDefault"] == true);
        defaults.map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(defaults().await, ["New"]);
    assert_eq!(app.ask("PUT", "/portfolios/a-old", "alice", &json!({"isDefault": true})).await.status, 200);
    assert_eq!(defaults().await, ["Alice's oldest"]);
    let unset = app.ask("PUT", "/portfolios/a-old", "alice", &json!({"isDefault": false})).await;
    assert_eq!((unset.status.as_u16(), &unset.json()["field"]), (422, &json!("isDefault")));
    assert_eq!(app.ask("PUT", "/portfolios/a-main", "alice", &json!({"isDefault": false})).await.status, 200);
    assert_eq!(app.ask("DELETE", "/portfolios/a-main", "alice", &Value::Null).await.status, 204);
    assert_eq!(defaults().await, ["Alice's oldest"]);
    assert_eq!(app.ask("DELETE", "/portfolios/a-old", "alice", &Value::Null).await.status, 204);
    assert_eq!(defaults().await, ["New"], "the newest of the others");
}

#[tokio::test]
async fn a_portfolio_goes_with_what_hangs_on_it() {
    let app = TestApp::with_two_users().await;
    assert_eq!(app.ask("DELETE", "/portfolios/a-main", "alice", &Value::Null).await.status, 204);
    let dashboard = app.get("/dashboard", "alice").await;
    for gone in ["a-main", "h-ada", "s-1\"", "f-1"] {
        assert!(!dashboard.text().contains(gone), "{gone}: {}", dashboard.text());
    }
    assert_eq!(app.ask("DELETE", "/portfolios/a-main", "alice", &Value::Null).await.status, 404);
    assert_eq!(app.ask("DELETE", "/portfolios/a-old", "alice", &Value::Null).await.status, 204);
    let transaction = app.get("/transactions/x-1", "alice").await.json();
    assert_eq!(transaction["portfolioId"], Value::Null, "a transaction stays");
}

#[tokio::test]
async fn a_portfolio_holds_a_token_once() {
    let app = TestApp::with_two_users().await;
    let holding = |token: &str, quantity: &str| json!({"tokenId": token, "quantity": quantity, "investedAmount": 1, "averagePrice": 1});
    let path = "/portfolios/a-new/holdings";
    let made =
        app.ask("POST", path, "alice", &holding("t-btc", "12345678901234567890.123456789012345678")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(
        made.text().contains(r#""quantity":12345678901234567890.123456789012345678,"#),
        "{}",
        made.text()
    );
    assert_eq!(app.ask("POST", path, "alice", &holding("t-btc", "1")).await.status, 409);
    let unknown = app.ask("POST", path, "alice", &holding("t-none", "1")).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["field"]), (422, &json!("tokenId")));
    let negative = app.ask("POST", path, "alice", &holding("t-eth", "-1")).await;
    assert_eq!((negative.status.as_u16(), &negative.json()["field"]), (422, &json!("quantity")));
}

#[tokio::test]
async fn holdings_of_several_portfolios_come_in_one_call() {
    let app = TestApp::with_two_users().await;
    let batch =
        async |body: Value| app.ask("POST", "/portfolios/holdings/batch", "alice", &body).await.json();
    let all = batch(json!({})).await;
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), ["a-main", "a-old"]);
    let some = batch(json!({"portfolioIds": ["a-old", "a-new", "b-main"]})).await;
    assert_eq!(
        (&some["a-old"][0]["id"], &some["a-new"], &some["b-main"]),
        (&json!("h-btc"), &json!([]), &json!([]))
    );
    let ask = |body: &'static str| {
        let request = axum::http::Request::post("/portfolios/holdings/batch")
            .header("authorization", format!("Bearer {}", crate::support::access_token("alice")));
        app.send(request.body(body.into()).unwrap())
    };
    let without_a_body = ask("").await;
    assert_eq!((without_a_body.status.as_u16(), without_a_body.json()), (200, all));
    assert_eq!(ask("portfolioIds").await.status, 415, "what is no JSON is not nothing");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_told_so() {
    let app = TestApp::with_two_users().await;
    let send = async |media_type: &str, body: &'static str| {
        let request = axum::http::Request::post("/portfolios")
            .header("authorization", format!("Bearer {}", crate::support::access_token("alice")))
            .header("content-type", media_type);
        app.send(request.body(body.into()).unwrap()).await.status.as_u16()
    };
    assert_eq!(send("text/plain", r#"{"name": "x"}"#).await, 415);
    assert_eq!(send("application/json", "{").await, 400);
    assert_eq!(send("application/json; charset=utf-8", r#"{"name": "x"}"#).await, 201);
}

/// What takes a computation is marked, and nothing else is.
#[tokio::test]
async fn a_write_that_no_forecast_rests_on_marks_none() {
    let app = TestApp::with_two_users().await;
    let marked = async || app.database.value::<i64>(r#"SELECT count(*) FROM "ForecastDue""#).await;
    for (method, path, body) in [
        ("POST", "/portfolios", json!({"name": "x"})),
        ("PUT", "/portfolios/a-main", json!({"name": "x"})),
        ("POST", "/portfolios/strategies", json!({"portfolioId": "a-main", "name": "x"})),
        ("PUT", "/portfolios/strategies/s-1", json!({"status": "paused"})),
        ("POST", "/portfolios/strategies/s-2/token-configs", json!({"holdingId": "h-btc"})),
        ("DELETE", "/portfolios/strategies/s-1", Value::Null),
        ("DELETE", "/portfolios/forecasts/f-1", Value::Null),
    ] {
        let answer = app.ask(method, path, "alice", &body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text());
        assert_eq!(marked().await, 0, "{method} {path}");
    }
    let changed = app.ask("PUT", "/portfolios/a-main/holdings/h-ada", "alice", &json!({"quantity": 1})).await;
    assert_eq!((changed.status.as_u16(), marked().await), (200, 1));
}

async fn lock_alice(app: &TestApp) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut other = app.database.pool.begin().await.unwrap();
    let lock = r#"SELECT FROM "User" WHERE id = 'alice' FOR NO KEY UPDATE"#;
    sqlx::query(lock).execute(&mut *other).await.unwrap();
    other
}

/// Whether they mark or not.
#[tokio::test]
async fn of_one_users_writes_there_is_one_at_a_time() {
    let app = TestApp::with_two_users().await;
    for (path, body) in [
        ("/portfolios/a-main", json!({"name": "x"})),
        ("/portfolios/a-main/holdings/h-ada", json!({"quantity": 1})),
    ] {
        let other = lock_alice(&app).await;
        let (changed, ()) = tokio::join!(app.ask("PUT", path, "alice", &body), async {
            app.database.somebody_waits().await;
            other.rollback().await.unwrap();
        });
        assert_eq!(changed.status, 200, "{path}");
    }
}

/// Connections are fewer than these writes: those that wait for the first have none.
#[tokio::test]
async fn one_users_writes_take_no_connection_from_the_others() {
    let app = TestApp::with_two_users().await;
    let other = lock_alice(&app).await;
    let name = json!({"name": "x"});
    let alices = join_all((0..17).map(|_| app.ask("PUT", "/portfolios/a-main", "alice", &name)));
    let (alices, ()) = tokio::join!(alices, async {
        app.database.somebody_waits().await;
        assert_eq!(app.get("/dashboard", "bob").await.status, 200);
        assert_eq!(app.ask("PUT", "/portfolios/b-main", "bob", &name).await.status, 200);
        other.rollback().await.unwrap();
    });
    let statuses: Vec<u16> = alices.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!((&statuses[..16], statuses[16]), (&[200; 16][..], 429), "more than sixteen do not wait");
    assert_eq!(alices[16].header("retry-after"), "1");
}

/// Another instance, or a round of forecasts, may have the user for long.
#[tokio::test]
async fn a_write_does_not_wait_for_ever() {
    let app = TestApp::with_two_users().await;
    let _other = lock_alice(&app).await;
    let refused = app.ask("PUT", "/portfolios/a-main", "alice", &json!({"name": "x"})).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["message"]),
        (409, &json!("Somebody else changed it at the same time"))
    );
}

/// The database commits all the same, and what was kept is no longer true.
#[tokio::test]
async fn a_write_whose_client_goes_away_is_told_of() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    app.database
        .execute(
            r#"CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
               CREATE CONSTRAINT TRIGGER slowly AFTER UPDATE ON "Portfolio" DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW EXECUTE FUNCTION slowly();"#,
        )
        .await;
    let portfolios = async || app.get("/portfolios", "alice").await.json().to_string();
    assert!(!portfolios().await.contains("Renamed"));
    let commits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' AND wait_event = 'PgSleep'";
    let (path, name) = ("/portfolios/a-main", json!({"name": "Renamed"}));
    tokio::select! {
        answer = app.ask("PUT", path, "alice", &name) => panic!("it is gone before: {}", answer.status),
        () = eventually("it commits", async || app.database.value::<i64>(commits).await > 0) => {}
    }
    app.state.writers.finish().await;
    let kept = app.database.value::<String>(r#"SELECT name FROM "Portfolio" WHERE id = 'a-main'"#).await;
    assert_eq!(kept, "Renamed");
    assert!(portfolios().await.contains("Renamed"), "the caches have what was before");
}
