//! What the daemon tells over HTTP, read-only and on the loopback unless configured otherwise.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::clock::Clock;
use crate::daemon::Board;

/// What the routes read.
#[derive(Clone)]
pub struct Sources {
    /// The daemon's state.
    pub board: Board,
    /// Its figures.
    pub figures: PrometheusHandle,
    /// The time.
    pub clock: Clock,
}

/// The routes.
pub fn routes(sources: Sources) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(figures))
        .route("/state", get(state))
        .with_state(sources)
}

/// Whether the loop ticks, and whether it leads or stands by.
async fn healthz(State(sources): State<Sources>) -> Response {
    let now = sources.clock.now();
    let alive = sources.board.is_alive(now);
    let board = &sources.board;
    let body = json!({ "alive": alive, "leads": board.leads(), "ticked_ago_s": board.ticked_ago_s(now) });
    (status(alive), Json(body)).into_response()
}

/// Whether every group has been seen whole at least once, and what is decided can be journalled. One that stands by
/// looks at no group, and is ready.
async fn readyz(State(sources): State<Sources>) -> Response {
    let board = &sources.board;
    let waiting = if board.leads() { board.unobserved() } else { Vec::new() };
    let journal_fails = board.journal_fails();
    let ready = waiting.is_empty() && !journal_fails;
    let body = json!({ "ready": ready, "waiting_for": waiting, "journal_fails": journal_fails });
    (status(ready), Json(body)).into_response()
}

fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Prometheus' text format.
async fn figures(State(sources): State<Sources>) -> Response {
    sources.figures.run_upkeep();
    let format = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (format, sources.figures.render()).into_response()
}

/// Each group's last decision whole, and the latest turns.
async fn state(State(sources): State<Sources>) -> Response {
    Json(json!({ "at": sources.clock.now(), "groups": sources.board.groups() })).into_response()
}
