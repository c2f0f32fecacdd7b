//! The application in this process, asked without a network.

use std::sync::Arc;
use std::time::Duration;

use api::auth::{AccessTokens, JwtSecret};
use api::cache::Cache;
use api::database::Database;
use api::router::router;
use api::settings::DatabaseSettings;
use api::state::AppState;
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
        let settings =
            DatabaseSettings { url: database.url.parse().unwrap(), replica_url: None, pool_size: 4 };
        Self::with(database, settings, redis_url).await
    }

    /// With these database settings.
    pub(crate) async fn with(
        database: TestDatabase,
        settings: DatabaseSettings,
        redis_url: Option<&str>,
    ) -> Self {
        let state = AppState {
            database: Arc::new(Database::open(&settings).unwrap()),
            cache: Arc::new(Cache::connect(redis_url).await.unwrap()),
            access_tokens: Arc::new(AccessTokens::new(&JwtSecret::new(SECRET.to_owned()).unwrap(), None)),
            passwords: Arc::default(),
            draining: CancellationToken::new(),
        };
        let instance = Some(HeaderValue::from_static("i-test"));
        let router = router(state.clone(), Duration::from_secs(30), instance);
        Self { state, router, database }
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
