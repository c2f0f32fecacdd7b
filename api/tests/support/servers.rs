//! The servers that the tests need, and patience.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

/// A name that no other test, run or process has.
pub(crate) fn unique(prefix: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("{prefix}_{}_{}_{}", std::process::id(), since_epoch.as_micros(), COUNTER.fetch_add(1, Relaxed))
}

pub(crate) fn database_server_url() -> String {
    required("TEST_DATABASE_URL", "a PostgreSQL server as a superuser")
}

pub(crate) fn redis_url() -> String {
    required("TEST_REDIS_URL", "a Redis")
}

/// One node, and a cluster: what holds for the one must hold for the other.
pub(crate) fn redis_urls() -> [String; 2] {
    [redis_url(), required("TEST_REDIS_CLUSTER_URL", "a Redis Cluster's nodes, with commas between")]
}

/// The variable that names what these tests need.
pub(crate) fn required(name: &str, what: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set. These tests need {what}: run the project's test command (`cargo run --bin tests`), which provides it")
    })
}

/// Waits until `holds`, asking again every few milliseconds, for at most 20 s.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < deadline, "20 s were not enough: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
