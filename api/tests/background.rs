//! What one instance does for all: prices, and forecasts ahead of time.

use std::time::Duration;

use api::background;
use api::cache::Event;
use api::prices::{AnySource, SimulatedMarket};
use serde_json::{Value, json};

use crate::support::{TestApp, TestDatabase, eventually, redis_url};

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

#[tokio::test]
async fn a_price_that_changes_reaches_its_holders_forecasts_once() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let new = json!({"portfolioId": "a-old", "name": "F", "appliedStrategies": {"h-btc": "th-1"}});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &new).await.json();
    app.database.execute(r#"UPDATE "Forecast" SET summary = '{}' WHERE "userId" = 'alice'"#).await;
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
