//! Another user's data is never served: every path, as the other user and as nobody, with and without the cache.

use crate::support::{Answer, TestApp, TestDatabase, redis_url};

const PATHS: [&str; 12] = [
    "/dashboard",
    "/portfolios",
    "/portfolios/a-main/holdings",
    "/portfolios/a-old/holdings",
    "/portfolios/a-new/holdings",
    "/portfolios/b-main/holdings",
    "/portfolios/forecasts",
    "/portfolios/strategies",
    "/health",
    "/health/database",
    "/health/live",
    "/health/ready",
];

fn assert_nothing_of_alice(answer: &Answer, path: &str) {
    let text = answer.text();
    for hers in ["Alice", "alice", "h-ada", "h-btc", "12345678901234567890"] {
        assert!(!text.contains(hers), "{path} tells {hers}: {text}");
    }
}

/// Alice asks first, so that a cache which mixes users up would have something of hers.
async fn walk(app: &TestApp) {
    for path in PATHS {
        let hers = app.get(path, "alice").await;
        assert!(hers.status == 200 || path.contains("b-main"), "{path}");
        assert_nothing_of_alice(&app.get(path, "bob").await, path);
        assert_nothing_of_alice(&app.get_as_nobody(path).await, path);
    }
    for (user, portfolio) in [("alice", "Alice's main"), ("bob", "Of Bob")] {
        let own = app.get("/dashboard", user).await;
        assert!(own.text().contains(portfolio), "{user} gets somebody else's: {}", own.text());
    }
}

#[tokio::test]
async fn nothing_of_alice_reaches_bob_or_nobody() {
    walk(&TestApp::with_two_users().await).await;
}

#[tokio::test]
async fn nor_through_the_cache() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    walk(&app).await;
    walk(&app).await;
    let again = app.get("/portfolios/strategies", "alice").await;
    assert_eq!(again.header("cache-status"), "memory; hit", "the second walk came from the cache");
}

#[tokio::test]
async fn private_answers_may_not_be_kept_on_the_way() {
    let app = TestApp::with_two_users().await;
    for path in PATHS.iter().filter(|path| !path.starts_with("/health")) {
        for answer in [app.get(path, "alice").await, app.get_as_nobody(path).await] {
            assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
            let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
            assert!(vary.iter().any(|value| *value == "authorization"), "{path}: {vary:?}");
        }
    }
}
