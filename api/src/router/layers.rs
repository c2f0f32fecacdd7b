//! What some requests pass and some answers get.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::database::at_primary;
use crate::problem::Problem;
use crate::state::AppState;

/// The user's own browser may keep it and must ask again; no cache on the way may.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from_static("authorization"));
    response
}

/// Caches on the way may keep it: prices and tokens 30 s, as often as they change.
pub(super) async fn keep_half_a_minute(request: Request, next: Next) -> Response {
    keep_shared(request, next, "public, max-age=10, s-maxage=30, stale-while-revalidate=30").await
}

/// Caches on the way may keep it: templates 2 min.
pub(super) async fn keep_two_minutes(request: Request, next: Next) -> Response {
    keep_shared(request, next, "public, max-age=60, s-maxage=120, stale-while-revalidate=60").await
}

/// What changes only with the program.
pub(super) async fn keep_an_hour(request: Request, next: Next) -> Response {
    keep_shared(request, next, "public, max-age=3600").await
}

/// Errors are for nobody to keep; that an answer still holds is none.
async fn keep_shared(request: Request, next: Next, directives: &'static str) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let may_keep = status.is_success() || status == StatusCode::NOT_MODIFIED;
    let directives = if may_keep { directives } else { "no-store" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(directives));
    response
}

pub(super) async fn keep_nowhere(request: Request, next: Next) -> Response {
    to_be_kept_nowhere(next.run(request).await)
}

/// Nobody may keep it.
pub(super) fn to_be_kept_nowhere(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A read that failed for want of a database is tried once more, where another server or a new connection may serve
/// it: a server that stops, or a login that ends, breaks the connections of those who were served well until then. One
/// that falls silent breaks none, so who is being served when that is found out is given up and tried again too. And
/// one that the replica gave up, because it had to replay what the query still needed, is tried at the primary.
pub(super) async fn read_again(state: &AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    // It is in memory already (src/router/receive.rs); that of a safe method says nothing.
    let body = if parts.method.is_safe() {
        Bytes::new()
    } else {
        to_bytes(body, usize::MAX).await.map_err(anyhow::Error::from)?
    };
    let run = || next.clone().run(Request::from_parts(parts.clone(), Body::from(body.clone())));
    let response = twice_at_most(state, run).await;
    // Whoever reads is in contention with nobody: there was no server that could serve them.
    Ok(match response.extensions().get().cloned() {
        Some(Problem::Contended(error)) => Problem::DatabaseUnavailable(error).into_response(),
        _ => response,
    })
}

async fn twice_at_most<F: Future<Output = Response>>(state: &AppState, run: impl Fn() -> F) -> Response {
    let was_at_replica = state.database.reads_go_to_replica();
    let response = tokio::select! {
        // What the caches have is there at once, and nobody is waited for.
        biased;
        response = run() => response,
        () = state.database.lost() => return run().await,
    };
    match response.extensions().get().cloned() {
        Some(Problem::DatabaseUnavailable(error))
            if state.database.is_worth_another(&error, was_at_replica).await =>
        {
            run().await
        }
        Some(Problem::Contended(_)) => at_primary(run()).await,
        _ => response,
    }
}

pub(super) async fn no_route(method: Method, uri: Uri) -> Problem {
    Problem::NoRoute(method, uri.path().to_owned())
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::MethodNotAllowed(method, uri.path().to_owned())
}
