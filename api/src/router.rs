//! Which path leads where, and what every answer gets on its way out.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, HeaderName, VARY};
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::trace::TraceLayer;

use crate::portfolios::{self, forecasts, holdings, strategies};
use crate::problem::Problem;
use crate::state::AppState;
use crate::{dashboard, health};

/// Says which instance answered.
const SERVER_INSTANCE: HeaderName = HeaderName::from_static("server-instance");
/// Smaller answers fit a packet or two as they are.
const COMPRESS_ABOVE_BYTES: u64 = 1024;

/// The whole API over `state`.
///
/// A request that takes longer than `request_timeout` is answered 503; `instance_id` goes into every answer.
pub fn router(state: AppState, request_timeout: Duration, instance_id: Option<HeaderValue>) -> Router {
    let named = middleware::from_fn_with_state(instance_id, name_instance);
    let closing = middleware::from_fn_with_state(state.clone(), close_when_draining);
    let limited = middleware::from_fn_with_state(request_timeout, limit_time);
    private()
        .layer(middleware::from_fn(keep_private))
        .merge(public().layer(middleware::from_fn(keep_nowhere)))
        .fallback(no_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(limited)
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES)))
        .layer(closing)
        .layer(named)
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}

/// Routes on a user's data: each handler takes a [`crate::auth::UserId`].
fn private() -> Router<AppState> {
    Router::new()
        .route("/dashboard", get(dashboard::get))
        .route("/portfolios", get(portfolios::get))
        .route("/portfolios/{portfolioId}/holdings", get(holdings::get))
        .route("/portfolios/forecasts", get(forecasts::get))
        .route("/portfolios/strategies", get(strategies::get))
}

fn public() -> Router<AppState> {
    Router::new()
        .route("/health", get(health::get))
        .route("/health/database", get(health::database))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// The user's own browser may keep it and must ask again; no cache on the way may.
async fn keep_private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from_static("authorization"));
    response
}

async fn keep_nowhere(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn limit_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| Problem::TimedOut)
}

/// While draining, each answer asks its connection to go elsewhere.
async fn close_when_draining(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if state.draining.is_cancelled() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn name_instance(State(id): State<Option<HeaderValue>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(id.map(|id| (SERVER_INSTANCE, id)));
    response
}

async fn no_route(method: Method, uri: Uri) -> Problem {
    Problem::NoRoute(method, uri.path().to_owned())
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::MethodNotAllowed(method, uri.path().to_owned())
}
