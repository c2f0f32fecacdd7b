//! What one instance does for all: prices, and forecasts ahead of time.

use std::collections::BTreeMap;
use std::time::Duration;

use api::background;
use api::cache::Event;
use api::prices::{AnySource, CoinMarketCap, SimulatedMarket};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::support::{NO_REDIS, TestApp, TestDatabase, eventually, redis_url};

const EVERY: Duration = Duration::from_millis(100);

fn market() -> AnySource {
    AnySource::Simulated(SimulatedMarket::new(1))
}

#[tokio::test]
async fn one_of_two_instances_fetches_prices_and_another_goes_on_after_it() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let other = app.sibling(&redis_url()).await;
    let lease = r#"SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"#;
    let first = tokio::spawn(background::run(app.state.clone(), market(), EVERY));
    eventually("the tokens have prices", async || {
        app.database.value::<i64>(r#"SELECT count(*) FROM "TokenPrice""#).await == 3
    })
    .await;
    let second = tokio::spawn(background::run(other, market(), EVERY));
    assert_eq!(app.database.value::<i64>(lease).await, 1);
    let prices = app.get_as_nobody("/public/prices").await.json();
    assert_eq!(prices[1]["symbol"], "BTC");
    first.abort();
    let update = r#"SELECT max("updatedAt")::text FROM "TokenPrice""#;
    let before = app.database.value::<String>(update).await;
    eventually("the other instance goes on", async || app.database.value::<String>(update).await != before)
        .await;
    assert_eq!(app.database.value::<i64>(lease).await, 1);
    second.abort();
}

#[tokio::test]
async fn forecasts_are_computed_when_what_they_rest_on_changes() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let working = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    let new = json!({"portfolioId": "a-old", "name": "F", "appliedStrategies": {"h-btc": "th-1"}});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &new).await.json();
    let path = format!("/portfolios/forecasts/{}", made["id"].as_str().unwrap());
    let invested = async || app.get(&path, "alice").await.json()["summary"]["totalInvested"].clone();
    assert_eq!(invested().await, 3000);
    let holding = "/portfolios/a-old/holdings/h-btc";
    assert_eq!(app.ask("PUT", holding, "alice", &json!({"quantity": 0.2})).await.status, 200);
    eventually("the holding's change shows", async || invested().await == 6000).await;
    eventually("in the list too, which is kept", async || {
        app.get("/portfolios/forecasts", "alice").await.text().contains(r#""totalInvested":6000,"#)
    })
    .await;
    working.abort();
}

/// Users who hold a thousand ADA bought at a dollar, each with a forecast that was never computed.
async fn with_investors(app: &TestApp, count: u32) {
    let statements = format!(
        r#"
        INSERT INTO "User" (id, email, password) SELECT 'u' || n, n || '@example.com', '!' FROM generate_series(1, {count}) n;
        INSERT INTO "Portfolio" (id, "userId", name, "isDefault", "updatedAt")
            SELECT 'p' || n, 'u' || n, 'P', true, now() FROM generate_series(1, {count}) n;
        INSERT INTO "Holding" (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice")
            SELECT 'h' || n, 'p' || n, 't-ada', 1000, 1000, 1 FROM generate_series(1, {count}) n;
        INSERT INTO "Forecast" (id, "userId", "portfolioId", name, "appliedStrategies", summary, "updatedAt")
            SELECT 'f' || n, 'u' || n, 'p' || n, 'F', '{{}}', '{{}}', now() FROM generate_series(1, {count}) n"#
    );
    app.database.execute(&statements).await;
}

#[tokio::test]
async fn a_leader_that_stops_midway_leaves_the_rest_to_the_next() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    with_investors(&app, 200).await;
    let computed = async || {
        let query = r#"SELECT count(*) FROM "Forecast" WHERE id LIKE 'f_%' AND "userId" LIKE 'u%' AND summary <> '{}'"#;
        app.database.value::<i64>(query).await
    };
    let first = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    eventually("some are computed", async || computed().await > 0).await;
    first.abort();
    let _aborted = first.await;
    assert!(computed().await < 200, "the first one was not stopped midway");
    let second = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    eventually("all are computed", async || computed().await == 200).await;
    second.abort();
}

#[tokio::test]
async fn a_write_that_no_leader_hears_of_is_computed_by_the_next() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let first = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    let invested = async || {
        app.get("/portfolios/forecasts/f-1", "alice").await.json()["summary"]["totalInvested"].clone()
    };
    let before = invested().await;
    eventually("the prices are accounted for", async || invested().await != before).await;
    first.abort();
    let _aborted = first.await;
    let before = invested().await;
    let holding = "/portfolios/a-main/holdings/h-ada";
    let answer = app.ask("PUT", holding, "alice", &json!({"quantity": 7, "investedAmount": 21})).await;
    assert_eq!((answer.status.as_u16(), invested().await), (200, before.clone()));
    let second = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    eventually("the write shows", async || invested().await != before).await;
    second.abort();
}

#[tokio::test]
async fn a_write_of_which_no_event_tells_is_computed_all_the_same() {
    // Without Redis one instance does not hear of another's writes.
    let app = TestApp::with_two_users().await;
    let elsewhere = app.sibling(NO_REDIS).await;
    let working = tokio::spawn(background::run(elsewhere, market(), Duration::from_hours(1)));
    let invested = async || {
        app.get("/portfolios/forecasts/f-1", "alice").await.json()["summary"]["totalInvested"].clone()
    };
    let before = invested().await;
    eventually("the prices are accounted for", async || invested().await != before).await;
    let before = invested().await;
    let holding = "/portfolios/a-main/holdings/h-ada";
    assert_eq!(app.ask("PUT", holding, "alice", &json!({"investedAmount": 21})).await.status, 200);
    eventually("the write shows", async || invested().await != before).await;
    working.abort();
}

#[tokio::test]
async fn a_price_that_changes_reaches_its_holders_forecasts_once() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let new = json!({"portfolioId": "a-old", "name": "F", "appliedStrategies": {"h-btc": "th-1"}});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &new).await.json();
    // Only the price is a reason.
    let never_computed =
        r#"DELETE FROM "ForecastDue"; UPDATE "Forecast" SET summary = '{}' WHERE "userId" = 'alice'"#;
    app.database.execute(never_computed).await;
    let mut events = app.state.cache.listen();
    let working = tokio::spawn(background::run(app.state.clone(), market(), Duration::from_hours(1)));
    let path = format!("/portfolios/forecasts/{}", made["id"].as_str().unwrap());
    let mut alice_is_told = async |within| {
        let told = async {
            loop {
                if let Event::Forecasts(user, forecasts) = events.recv().await.unwrap()
                    && &*user == "alice"
                {
                    return serde_json::from_str::<Value>(&forecasts).unwrap();
                }
            }
        };
        tokio::time::timeout(within, told).await.ok()
    };
    let forecasts = alice_is_told(Duration::from_secs(20)).await.unwrap();
    let forecast = app.get(&path, "alice").await.json();
    assert_eq!(forecast["summary"]["totalInvested"], 3000);
    let told = forecasts.as_array().unwrap().iter().find(|told| told["id"] == forecast["id"]).unwrap();
    assert_eq!(told["summary"], forecast["summary"], "she is told what she would read");
    let again = alice_is_told(5 * EVERY).await;
    assert_eq!(again, None, "that her forecasts were computed is no reason to do it again");
    working.abort();
}

/// `CoinMarketCap` as documented, where one id spoils a batch and nothing else helps. Its address.
async fn market_with_a_bad_id(bad: &'static str) -> String {
    let answer = move |Query(asked): Query<BTreeMap<String, String>>| async move {
        let ids: Vec<&str> = asked["id"].split(',').collect();
        assert_eq!((asked["skip_invalid"].as_str(), asked["convert"].as_str()), ("true", "USD"));
        if ids.contains(&bad) {
            return Err(StatusCode::BAD_REQUEST);
        }
        let listings = ids.iter().map(|id| {
            let number: i32 = id.parse().unwrap();
            let symbol = if number == 1 { "BTC".to_owned() } else { format!("S{id}") };
            let listing = json!({"id": number, "symbol": symbol, "name": "By the source", "quote": {"USD": {"price": 2.5}}});
            ((*id).to_owned(), listing)
        });
        Ok(Json(json!({"data": listings.collect::<serde_json::Map<_, _>>()})))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/cryptocurrency/quotes/latest", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_batch_that_fails_costs_no_other_one_its_prices() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let tokens = r#"INSERT INTO "Token" (id, symbol, name, "cmcId")
                    SELECT 's' || n, 'S' || n, 'Some', n FROM generate_series(3000, 3149) n"#;
    app.database.execute(tokens).await;
    app.database
        .execute(r#"INSERT INTO "Token" (id, symbol, name, "cmcId") VALUES ('old', 'OLD', 'Old', -5)"#)
        .await;
    let source = CoinMarketCap::new(&market_with_a_bad_id("3149").await, "key".to_owned()).unwrap();
    let source = AnySource::CoinMarketCap(Box::new(source));
    let mut events = app.state.cache.listen();
    let working = tokio::spawn(background::run(app.state.clone(), source, Duration::from_hours(1)));
    let told = async {
        loop {
            if let Event::Prices(prices) = events.recv().await.unwrap() {
                return prices;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), told).await.unwrap();
    assert!(told.contains(r#""symbol":"BTC","price":2.5"#), "{told}");
    assert!(!told.contains("S3149"), "{told}");
    working.abort();
}

#[tokio::test]
async fn no_token_has_an_id_that_no_source_knows() {
    let app = TestApp::with_two_users().await;
    let transaction = |id: i32| {
        json!({"symbol": "NEW", "name": "New", "cmcId": id, "quantity": 1, "amountInvested": 1, "averagePrice": 1,
               "type": "BUY", "transactionDate": "2025-02-01T10:00:00Z"})
    };
    for id in [-5, 0] {
        let refused = app.ask("POST", "/transactions", "alice", &transaction(id)).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("cmcId")));
    }
    assert_eq!(app.ask("POST", "/transactions", "alice", &transaction(7)).await.status, 201);
}

#[tokio::test]
async fn nobody_publishes_a_token_that_the_source_does_not_know_by_its_symbol() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let new = |symbol: &str, id: i32| {
        json!({"symbol": symbol, "name": "<b>spam", "cmcId": id, "quantity": 1, "amountInvested": 1, "averagePrice": 1,
               "type": "BUY", "transactionDate": "2025-02-01T10:00:00Z", "portfolioId": "a-new"})
    };
    let squat = app.ask("POST", "/transactions", "alice", &new("s4001", 1)).await;
    assert_eq!((squat.status.as_u16(), &squat.json()["symbol"]), (201, &json!("S4001")));
    let import = json!({"transactions": [new("<b>", 1), new("S4001", 4001), new("S4002", 4002)]});
    assert_eq!(app.ask("POST", "/transactions/batch", "alice", &import).await.json()["successCount"], 3);
    let source = CoinMarketCap::new(&market_with_a_bad_id("0").await, "key".to_owned()).unwrap();
    let working =
        tokio::spawn(background::run(app.state.clone(), AnySource::CoinMarketCap(Box::new(source)), EVERY));
    let priced = r#"SELECT string_agg(t.symbol, ' ' ORDER BY t.symbol) FROM "TokenPrice" p JOIN "Token" t ON t.id = p."tokenId""#;
    eventually("tokens have prices", async || {
        app.database.value::<Option<String>>(priced).await.is_some_and(|it| it == "BTC S4001 S4002")
    })
    .await;
    let public = app.get_as_nobody("/public/tokens").await;
    assert!(
        public.text().contains(r#""symbol":"S4001","name":"By the source","cmcId":4001"#),
        "{}",
        public.text()
    );
    assert!(!public.text().contains("<b>"), "{}", public.text());
    working.abort();
}

/// It would go on, and nobody would fetch a price any more.
#[tokio::test]
async fn only_a_panic_ends_the_process() {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async {});
    let (panic, told) = tokio::sync::oneshot::channel::<()>();
    tasks.spawn(async move { told.await.expect("somebody tells") });
    let mut panicked = std::pin::pin!(api::server::panicked(tasks));
    assert!(futures::poll!(&mut panicked).is_pending());
    tokio::task::yield_now().await;
    assert!(futures::poll!(&mut panicked).is_pending(), "one has ended as it should");
    drop(panic);
    let error = format!("{:#}", panicked.await);
    assert!(error.contains("has ended: task") && error.contains("somebody tells"), "{error}");
}
