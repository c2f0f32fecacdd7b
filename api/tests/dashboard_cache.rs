//! What Redis does for `GET /dashboard`, and what its absence does not.

use std::time::{Duration, Instant};

use api::cache::{Key, Lookup};

use crate::support::{RedisProxy, TestApp, TestDatabase, access_token, eventually, redis_url, unique};

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

async fn rename(app: &TestApp) {
    app.database.execute(r#"UPDATE "Portfolio" SET name = 'After'"#).await;
}

#[tokio::test]
async fn a_second_load_comes_from_redis() {
    let app = TestApp::on(TestDatabase::migrated().await, Some(&redis_url())).await;
    let user = new_user(&app.database).await;
    let first = app.get("/dashboard", &user).await;
    rename(&app).await;
    let second = app.get("/dashboard", &user).await;
    assert_eq!(first.header("cache-status"), "redis; fwd=uri-miss");
    assert_eq!(second.header("cache-status"), "redis; hit");
    assert_eq!(first.text(), second.text());
    let counts = app.state.cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.bypasses), (1, 1, 0));
}

#[tokio::test]
async fn is_kept_half_a_minute_under_the_users_own_key() {
    let app = TestApp::on(TestDatabase::migrated().await, Some(&redis_url())).await;
    let user = new_user(&app.database).await;
    let dashboard = app.get("/dashboard", &user).await;
    let mut redis =
        redis::Client::open(redis_url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let key = format!("exstrat:dashboard:v1:{user}");
    let kept: String = redis::cmd("GET").arg(&key).query_async(&mut redis).await.unwrap();
    let ttl_ms: u64 = redis::cmd("PTTL").arg(&key).query_async(&mut redis).await.unwrap();
    assert_eq!(kept, dashboard.text());
    assert!((15_000..=32_500).contains(&ttl_ms), "{ttl_ms}");
}

#[tokio::test]
async fn without_redis_every_load_comes_from_the_database() {
    let app = TestApp::on(TestDatabase::migrated().await, None).await;
    let user = new_user(&app.database).await;
    app.get("/dashboard", &user).await;
    rename(&app).await;
    let second = app.get("/dashboard", &user).await;
    assert_eq!(second.header("cache-status"), "redis; fwd=bypass");
    assert_eq!(second.json()["portfolios"][0]["name"], "After");
}

#[tokio::test]
async fn a_redis_that_refuses_fails_nothing() {
    let closed_port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("redis://127.0.0.1:{closed_port}");
    let app = TestApp::on(TestDatabase::migrated().await, Some(&url)).await;
    let user = new_user(&app.database).await;
    let answer = app.get("/dashboard", &user).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-status")), (200, "redis; fwd=bypass"));
    assert_eq!(app.state.cache.counts().bypasses, 1);
}

/// One request waits out the 50 ms, the others do not even ask; when Redis is back, so is the cache.
#[tokio::test]
async fn a_redis_that_falls_silent_costs_one_short_wait() {
    let redis = RedisProxy::start().await;
    let app = TestApp::on(TestDatabase::migrated().await, Some(&redis.url)).await;
    let user = new_user(&app.database).await;
    assert_eq!(app.get("/dashboard", &user).await.header("cache-status"), "redis; fwd=uri-miss");
    redis.freeze();
    let answer = app.get("/dashboard", &user).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-status")), (200, "redis; fwd=bypass"));
    // Twenty waits would be a second. The database is left out: it may be slow for its own reasons.
    let key = Key::dashboard(&app.state.access_tokens.verify(&access_token(&user)).unwrap());
    let asked = Instant::now();
    for _ in 0..20 {
        assert_eq!(app.state.cache.get(&key).await, Lookup::Bypass);
    }
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    redis.thaw();
    eventually("the cache is used again", async || {
        app.get("/dashboard", &user).await.header("cache-status") == "redis; hit"
    })
    .await;
}
