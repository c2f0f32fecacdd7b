//! The application in this process, asked without a network.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use api::admission::Capacity;
use api::auth::{AccessTokens, JwtSecret};
use api::cache::Cache;
use api::database::Database;
use api::field::Email;
use api::limits::{Limits, RateLimit};
use api::router::{RouterSettings, router};
use api::settings::{CacheSettings, DatabaseSettings};
use api::state::{AppState, Parts};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::TestDatabase;

/// The secret of every application under test.
pub(crate) const SECRET: &str = "a secret of the tests, long enough";

/// An application on a database of its own.
pub(crate) struct TestApp {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    /// Last, so that it is dropped after those that use it.
    pub(crate) database: TestDatabase,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// More than any test asks.
const MANY: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

/// What the router of every application under test is told.
pub(crate) fn router_settings() -> RouterSettings {
    RouterSettings {
        request_timeout: Duration::from_secs(30),
        capacity: Capacity { at_once: 1000, queue: 1000, patience: Duration::from_secs(30) },
        instance_id: Some(HeaderValue::from_static("i-test")),
        cors_origins: Vec::new(),
    }
}

/// Redis may take longer than in production: the tests are many, and nothing here depends on how quick it is.
pub(crate) const REDIS_TIMEOUT: Duration = Duration::from_secs(2);

/// Nobody listens there.
pub(crate) const NO_REDIS: &str = "redis://127.0.0.1:1";

/// The cache at this address, once it stands: on a busy machine the first attempt may be given up.
/// A database's documents are kept apart from another's, which has other users of the same names.
async fn cache_at(url: Option<&str>, database: &TestDatabase) -> Arc<Cache> {
    let settings = CacheSettings {
        redis_url: url.map(|url| url.parse().unwrap()),
        // Of a cluster the tests know several nodes.
        redis_cluster: url.is_some_and(|url| url.contains(',')),
        redis_timeout: REDIS_TIMEOUT,
        redis_namespace: database.name.clone(),
    };
    let cache = settings.open().await.unwrap();
    if url.is_some_and(|url| url != NO_REDIS) {
        super::eventually("the cache stands", async || cache.answers() && cache.hears_events()).await;
    }
    cache
}

/// A fresh token of the user.
pub(crate) fn access_token(user: &str) -> String {
    let tokens = AccessTokens::new(&JwtSecret::new(SECRET.to_owned()).unwrap(), None);
    tokens.issue(user, &format!("{user}@example.com"), OffsetDateTime::now_utc()).unwrap()
}

impl TestApp {
    /// On Alice's and Bob's database, without a cache.
    pub(crate) async fn with_two_users() -> Self {
        Self::on(TestDatabase::with_two_users().await, None).await
    }

    /// On this database, with the cache at this address.
    pub(crate) async fn on(database: TestDatabase, redis_url: Option<&str>) -> Self {
        let settings = DatabaseSettings::at(database.url.parse().unwrap());
        Self::with(database, settings, redis_url).await
    }

    /// With these database settings.
    pub(crate) async fn with(
        database: TestDatabase,
        settings: DatabaseSettings,
        redis_url: Option<&str>,
    ) -> Self {
        let state = AppState::from(Parts {
            database: Arc::new(Database::open(&settings).unwrap()),
            cache: cache_at(redis_url, &database).await,
            access_tokens: Arc::new(AccessTokens::new(&JwtSecret::new(SECRET.to_owned()).unwrap(), None)),
            passwords: Arc::default(),
            limits: Arc::new(Limits::new(RateLimit { per_second: MANY, burst: MANY })),
            writers: Arc::default(),
            publisher: Arc::default(),
            warm: CancellationToken::new(),
            draining: CancellationToken::new(),
        });
        state.warm.cancel();
        let router = router(state.clone(), &router_settings());
        Self { state, router, database }
    }

    /// Another instance on the same database, with the cache at this address.
    pub(crate) async fn sibling(&self, redis_url: &str) -> AppState {
        let database = DatabaseSettings::at(self.database.url.parse().unwrap());
        AppState::from(Parts {
            database: Arc::new(Database::open(&database).unwrap()),
            cache: cache_at(Some(redis_url), &self.database).await,
            writers: Arc::default(),
            ..Parts::clone(&self.state)
        })
    }

    /// This address was tried ten times just now. By requests that would take as long as hashing ten passwords, and on
    /// a busy machine others would be allowed meanwhile.
    pub(crate) fn tried_ten_times(&self, address: &str) {
        let address = Email::new(address).unwrap();
        for _ in 0..10 {
            self.state.limits.check_address(&address).unwrap();
        }
    }

    /// `GET path` as this user.
    pub(crate) async fn get(&self, path: &str, user: &str) -> Answer {
        self.get_with(path, &[("authorization", &format!("Bearer {}", access_token(user)))]).await
    }

    /// `GET path` as nobody.
    pub(crate) async fn get_as_nobody(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// `GET path` with these headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Any request with a JSON body, as this user.
    pub(crate) async fn ask(&self, method: &str, path: &str, user: &str, body: &Value) -> Answer {
        self.ask_with(method, path, &[("authorization", &format!("Bearer {}", access_token(user)))], body)
            .await
    }

    /// Any request with a JSON body, with these headers.
    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().into(),
        }
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A header's value, empty where it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
