//! What memory and Redis do for reads, and what their absence does not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::cache::{Document, Event, Key, Outcome};
use api::problem::Problem;
use api::request::Page;
use api::router::router;
use serde_json::{Value, json};

use crate::support::{
    NO_REDIS, REDIS_TIMEOUT, RedisProxy, Statements, TestApp, TestDatabase, access_token, eventually,
    redis_url, redis_urls, router_settings, unique,
};

/// A user of whom no other test has anything in Redis, with one portfolio.
async fn new_user(database: &TestDatabase) -> String {
    let user = unique("user");
    database
        .execute(&format!(
            r#"INSERT INTO "User" (id, email, password) VALUES ('{user}', '{user}@example.com', '!');
               INSERT INTO "Portfolio" (id, "userId", name, "updatedAt") VALUES ('p-{user}', '{user}', 'Before', now());"#
        ))
        .await;
    user
}

/// Somebody else writes, past the API.
async fn rename(app: &TestApp) {
    app.database.execute(r#"UPDATE "Portfolio" SET name = 'After'"#).await;
}

async fn app_with_user(redis: Option<&str>) -> (TestApp, String) {
    let app = TestApp::on(TestDatabase::migrated().await, redis).await;
    let user = new_user(&app.database).await;
    (app, user)
}

/// The same database and Redis, another process as far as memory goes.
async fn sibling(app: &TestApp, redis: &str) -> TestApp {
    let state = app.sibling(redis).await;
    TestApp {
        router: router(state.clone(), &router_settings()),
        state,
        database: TestDatabase::empty().await,
    }
}

#[tokio::test]
async fn a_second_load_comes_from_memory_and_another_instances_from_redis() {
    for redis in redis_urls() {
        let (app, user) = app_with_user(Some(&redis)).await;
        let paths = [
            "/dashboard",
            "/portfolios",
            "/portfolios/strategies",
            "/portfolios/forecasts",
            "/portfolios/forecasts?limit=10",
            "/strategies",
            "/strategies?status=active&page=2&limit=100",
            "/portfolios/theoretical-strategies",
            "/transactions",
            "/transactions?page=2&limit=50",
        ];
        let holdings = format!("/portfolios/p-{user}/holdings");
        for path in paths.into_iter().chain([holdings.as_str()]) {
            let first = app.get(path, &user).await;
            rename(&app).await;
            let second = app.get(path, &user).await;
            let elsewhere = sibling(&app, &redis).await.get(path, &user).await;
            let status = |answer: &crate::support::Answer| answer.header("cache-status").to_owned();
            assert_eq!(
                [status(&first), status(&second), status(&elsewhere)],
                ["redis; fwd=uri-miss", "memory; hit", "redis; hit"],
                "{path} by {redis}"
            );
            assert_eq!((first.text(), first.text()), (second.text(), elsewhere.text()), "{path}");
        }
    }
}

/// What the node, or the cluster's node that has the key, says.
async fn in_redis<T: redis::FromRedisValue>(url: &str, command: &redis::Cmd) -> T {
    if url.contains(',') {
        let cluster = redis::cluster::ClusterClient::new(url.split(',').collect::<Vec<_>>()).unwrap();
        return command.query_async(&mut cluster.get_async_connection().await.unwrap()).await.unwrap();
    }
    let client = redis::Client::open(url).unwrap();
    command.query_async(&mut client.get_multiplexed_async_connection().await.unwrap()).await.unwrap()
}

/// Each under the user's own key, and no longer than was asked for.
#[tokio::test]
async fn what_redis_holds_is_one_users() {
    for url in redis_urls() {
        let (app, user) = app_with_user(Some(&url)).await;
        app.get("/dashboard", &user).await;
        let key = format!("{}:v2:user:{{{user}}}", app.database.name);
        let fields: Vec<String> = in_redis(&url, redis::cmd("HKEYS").arg(&key)).await;
        let ttl_ms: u64 = in_redis(&url, redis::cmd("PTTL").arg(&key)).await;
        assert_eq!(fields, ["dashboard"]);
        assert!(ttl_ms <= 900_000, "{ttl_ms}");
    }
    let limits_s = [
        (Document::Forecasts, 600),
        (Document::ForecastsPage(Page::default()), 600),
        (Document::Strategies, 300),
        (Document::StrategiesFound(None, Page::default()), 300),
        (Document::TheoreticalStrategies, 300),
        (Document::TransactionsPage(Page::default()), 300),
        (Document::HoldingsByPortfolio, 120),
        (Document::Portfolios, 60),
    ];
    for (document, ttl_s) in limits_s {
        assert_eq!(document.ttl(), Duration::from_secs(ttl_s), "{document:?}");
    }
}

/// Pages are kept apart; those that nobody asks for twice, and searches, of which there is no end, are not kept.
#[tokio::test]
async fn usual_pages_are_kept_and_no_others() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let strategies = async |query: &str| app.get(&format!("/strategies?{query}"), "alice").await;
    let first = strategies("limit=10").await.json();
    assert_eq!((&first["total"], &first["limit"]), (&json!(1), &json!(10)));
    assert_eq!(strategies("limit=20").await.json()["limit"], 20);
    assert_eq!(strategies("status=paused").await.json()["total"], 0);
    assert_eq!(strategies("").await.json()["total"], 1);
    for query in ["limit=11", "page=11", "symbol=BTC"] {
        strategies(query).await;
        assert_eq!(strategies(query).await.header("cache-status"), "", "{query}");
    }
    for query in ["type=BUY", "startDate=2025-01-01", "endDate=2025-01-01", "symbol=BTC", "limit=7"] {
        let path = format!("/transactions?{query}");
        app.get(&path, "alice").await;
        assert_eq!(app.get(&path, "alice").await.header("cache-status"), "", "{query}");
    }
    let found = async || strategies("").await.json()["strategies"][0]["name"].clone();
    found().await;
    let renamed = json!({"name": "Renamed"});
    assert_eq!(app.ask("PATCH", "/strategies/st-1", "alice", &renamed).await.status, 200);
    assert_eq!(found().await, "Renamed");
}

/// Whichever portfolios are asked for, all come of one document; each gets what they asked for.
#[tokio::test]
async fn the_holdings_of_several_portfolios_are_kept_once() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let batch = async |body: Value, user| app.ask("POST", "/portfolios/holdings/batch", user, &body).await;
    let all = batch(json!({}), "alice").await;
    assert_eq!(all.header("cache-status"), "redis; fwd=uri-miss");
    let some = batch(json!({"portfolioIds": ["a-main", "a-new", "b-main"]}), "alice").await;
    assert_eq!(some.header("cache-status"), "memory; hit");
    assert_eq!(some.json()["a-main"], all.json()["a-main"]);
    assert!(some.text().contains("12345678901234567890.123456789012345678"), "exactly: {}", some.text());
    assert_eq!((&some.json()["a-new"], &some.json()["b-main"]), (&json!([]), &json!([])));
    assert_eq!(some.json().as_object().unwrap().len(), 3);
    assert_eq!(all.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["a-main", "a-old"]);
    assert_eq!(batch(json!({"portfolioIds": ["a-main"]}), "bob").await.json(), json!({"a-main": []}));
    let sold = app.ask("DELETE", "/portfolios/a-old/holdings/h-btc", "alice", &Value::Null).await;
    assert_eq!(sold.status, 204);
    assert_eq!(batch(json!({"portfolioIds": ["a-old"]}), "alice").await.json(), json!({"a-old": []}));
}

#[tokio::test]
async fn a_write_shows_in_what_is_kept_of_transactions_and_theories() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    for path in ["/transactions", "/portfolios/theoretical-strategies"] {
        for expected in ["redis; fwd=uri-miss", "memory; hit"] {
            assert_eq!(app.get(path, "alice").await.header("cache-status"), expected, "{path}");
        }
    }
    for (method, path, body) in [
        ("PATCH", "/transactions/x-1", json!({"notes": "Changed"})),
        ("PUT", "/portfolios/theoretical-strategies/th-1", json!({"name": "Changed"})),
    ] {
        assert_eq!(app.ask(method, path, "alice", &body).await.status, 200);
        let list = path.rsplit_once('/').unwrap().0;
        assert!(app.get(list, "alice").await.text().contains("Changed"), "{list}");
    }
}

#[tokio::test]
async fn a_write_is_seen_at_once_here_and_in_every_other_instance() {
    for redis in redis_urls() {
        let (app, user) = app_with_user(Some(&redis)).await;
        let other = sibling(&app, &redis).await;
        for instance in [&app, &other] {
            assert!(instance.get("/dashboard", &user).await.text().contains("Before"));
        }
        let path = format!("/portfolios/p-{user}");
        assert_eq!(app.ask("PUT", &path, &user, &json!({"name": "After"})).await.status, 200);
        assert!(app.get("/dashboard", &user).await.text().contains("After"), "here at once");
        eventually("the other instance hears of it", async || {
            other.get("/dashboard", &user).await.text().contains("After")
        })
        .await;
    }
}

/// And of nobody else.
#[tokio::test]
async fn a_write_drops_all_of_its_users_documents() {
    for url in redis_urls() {
        let (app, user) = app_with_user(Some(&url)).await;
        let bystander = new_user(&app.database).await;
        for user in [&user, &bystander] {
            app.get("/dashboard", user).await;
            app.get("/portfolios", user).await;
        }
        app.state.cache.tell(Event::Written(user.as_str().into())).await;
        let fields = async |user: &str| {
            let key = format!("{}:v2:user:{{{user}}}", app.database.name);
            let mut fields: Vec<String> = in_redis(&url, redis::cmd("HKEYS").arg(&key)).await;
            fields.sort();
            fields
        };
        assert_eq!(fields(&user).await, ["generation"]);
        assert_eq!(fields(&bystander).await, ["dashboard", "portfolios"]);
    }
}

/// What was before forecasts were computed anew is older, and what was before a write is untrue.
#[tokio::test]
async fn while_the_database_is_away_older_forecasts_are_served_and_nothing_from_before_a_write() {
    let (app, user) = app_with_user(Some(&redis_url())).await;
    let user_id = app.state.access_tokens.verify(&access_token(&user)).unwrap();
    let cache = &app.state.cache;
    let read = async |loaded: Result<Value, Problem>| {
        let key = Key::of(&user_id, Document::Dashboard);
        let (entry, outcome) = cache.get(key, || async { loaded }).await?;
        Ok::<_, Problem>((entry.document().unwrap().0.clone(), outcome))
    };
    let away = || Err(Problem::DatabaseUnavailable(Arc::new(sqlx::Error::PoolClosed)));
    assert_eq!(read(Ok(json!("first"))).await.unwrap(), (r#""first""#.into(), Outcome::Miss));
    for _ in 0..2 {
        cache.tell(Event::Forecasts(user.as_str().into(), "[]".into())).await;
    }
    for _ in 0..2 {
        assert_eq!(read(away()).await.unwrap(), (r#""first""#.into(), Outcome::Stale));
    }
    eventually("the database is back", async || {
        read(Ok(json!("second"))).await.unwrap() == (r#""second""#.into(), Outcome::Memory)
    })
    .await;
    cache.tell(Event::Written(user.as_str().into())).await;
    assert!(matches!(read(away()).await, Err(Problem::DatabaseUnavailable(_))));
}

/// Two hundred ask at once: the database is asked once.
#[tokio::test]
async fn many_who_ask_at_once_share_one_read() {
    for redis in redis_urls().map(Some).into_iter().chain([None]) {
        let (app, user) = app_with_user(redis.as_deref()).await;
        // Each connection begins with a statement, which is no part of a request.
        app.state.database.connect().await.unwrap();
        let statements = Statements::count();
        let asked = (0..200).map(|_| app.get("/portfolios", &user));
        let answers = futures::future::join_all(asked).await;
        assert_eq!(statements.take(), 1, "{redis:?}");
        let coalesced =
            |answer: &&crate::support::Answer| answer.header("cache-status").ends_with("collapsed");
        assert_eq!(answers.iter().filter(coalesced).count(), 199);
        assert!(answers.iter().all(|answer| answer.status == 200));
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_looked_for_again_at_once() {
    let (app, user) = app_with_user(Some(&redis_url())).await;
    assert_eq!(app.get("/portfolios/nobodys/holdings", &user).await.status, 404);
    let statements = Statements::count();
    assert_eq!(app.get("/portfolios/nobodys/holdings", &user).await.status, 404);
    assert_eq!(statements.take(), 0);
}

#[tokio::test]
async fn without_redis_every_load_comes_from_the_database() {
    let (app, user) = app_with_user(None).await;
    app.get("/dashboard", &user).await;
    rename(&app).await;
    let second = app.get("/dashboard", &user).await;
    assert_eq!(second.header("cache-status"), "redis; fwd=bypass");
    assert_eq!(second.json()["portfolios"][0]["name"], "After");
}

#[tokio::test]
async fn a_redis_that_refuses_fails_nothing() {
    let (app, user) = app_with_user(Some(NO_REDIS)).await;
    let answer = app.get("/dashboard", &user).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-status")), (200, "redis; fwd=bypass"));
}

/// One request waits until Redis's time is up, the others do not even ask; when Redis is back, so is the cache, and what was
/// written meanwhile is not served as it was before.
#[tokio::test]
async fn a_redis_that_falls_silent_costs_one_short_wait_and_no_truth() {
    let redis = RedisProxy::start().await;
    let (app, user) = app_with_user(Some(&redis.url)).await;
    assert_eq!(app.get("/dashboard", &user).await.header("cache-status"), "redis; fwd=uri-miss");
    redis.freeze();
    let path = format!("/portfolios/p-{user}");
    assert_eq!(app.ask("PUT", &path, &user, &json!({"name": "After"})).await.status, 200);
    // The database is left out: it may be slow for its own reasons.
    let user_id = app.state.access_tokens.verify(&access_token(&user)).unwrap();
    let asked = Instant::now();
    for _ in 0..20 {
        let key = Key::of(&user_id, Document::Strategies);
        let (_, outcome) = app.state.cache.get(key, || async { Ok(Value::Null) }).await.unwrap();
        assert!(matches!(outcome, Outcome::Bypass | Outcome::Memory), "{outcome:?}");
    }
    assert!(
        asked.elapsed() < 2 * REDIS_TIMEOUT,
        "twenty waits would be ten times that: {:?}",
        asked.elapsed()
    );
    redis.thaw();
    let cache = Arc::clone(&app.state.cache);
    eventually("redis is asked again", async || cache.answers() && cache.hears_events()).await;
    eventually("nothing from before the write is served", async || {
        let answer = app.get("/dashboard", &user).await;
        assert_eq!(answer.status, 200);
        answer.text().contains("After") && answer.header("cache-status").contains("hit")
    })
    .await;
}

/// Who asked then waited; who asks later is served by it again, on the connection that stands.
#[tokio::test]
async fn a_redis_that_was_late_once_is_not_given_up() {
    let redis = RedisProxy::start().await;
    let (app, user) = app_with_user(Some(&redis.url)).await;
    redis.close();
    redis.freeze();
    assert_eq!(app.get("/strategies", &user).await.header("cache-status"), "redis; fwd=bypass");
    redis.thaw();
    eventually("it answers again", async || app.state.cache.answers()).await;
}

/// The second one gets the bytes that the first one got, and no other user's; after a write they are others.
#[tokio::test]
async fn a_kept_document_is_compressed_once() {
    let (app, user) = app_with_user(Some(&redis_url())).await;
    // Short answers are not compressed at all.
    app.database.execute(r#"UPDATE "Portfolio" SET description = repeat('long ', 500)"#).await;
    let authorization = format!("Bearer {}", access_token(&user));
    let headers = [("authorization", authorization.as_str()), ("accept-encoding", "zstd")];
    let zstd = async || app.get_with("/dashboard", &headers).await;
    let (first, second) = (zstd().await, zstd().await);
    assert_eq!(second.header("cache-status"), "memory; hit");
    for answer in [&first, &second] {
        assert_eq!(
            (answer.header("content-encoding"), answer.header("vary")),
            ("zstd", first.header("vary"))
        );
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "it is whole at once");
    }
    assert_eq!(first.body, second.body);
    let plain = app.get("/dashboard", &user).await;
    assert!(plain.header("content-encoding").is_empty() && plain.body.len() > first.body.len());
    assert_eq!(
        app.ask("PUT", &format!("/portfolios/p-{user}"), &user, &json!({"name": "Z"})).await.status,
        200
    );
    assert_ne!(zstd().await.body, first.body);
}

/// Other prices are no other tokens, and no other templates.
#[tokio::test]
async fn other_prices_drop_what_is_kept_of_prices_and_nothing_else() {
    for redis in redis_urls() {
        let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis)).await;
        let others =
            ["/public/tokens", "/portfolios/templates/strategies", "/portfolios/templates/profit-taking"];
        for path in others.iter().chain(&["/public/prices"]) {
            assert_eq!(app.get_as_nobody(path).await.header("cache-status"), "redis; fwd=uri-miss", "{path}");
        }
        app.state.cache.tell(Event::Prices("[]".into())).await;
        for path in others {
            assert_eq!(app.get_as_nobody(path).await.header("cache-status"), "memory; hit", "{path}");
        }
        let prices = async || app.get_as_nobody("/public/prices").await.header("cache-status").to_owned();
        assert_eq!(prices().await, "redis; fwd=uri-miss");
        let elsewhere = sibling(&app, &redis).await.get_as_nobody(others[0]).await;
        assert_eq!(elsewhere.header("cache-status"), "redis; hit");
    }
}
