//! The page to watch a run on, at a free port of loopback.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use traffic::RateDial;

use super::history::{History, Sample};
use super::verdict::OBJECTIVE_S;

/// A page that is being served.
pub(crate) struct Page {
    pub(crate) url: String,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Page {
    /// Waits for its end.
    pub(crate) async fn stopped(self) {
        // Its last request may have been cut off, which nobody waits for any more.
        let _ = self.serving.await;
    }
}

#[derive(Clone)]
struct Shown {
    history: Arc<History>,
    dial: RateDial,
}

/// Serves the page until told to stop.
pub(crate) async fn serve(history: Arc<History>, dial: RateDial, stop: CancellationToken) -> Result<Page> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/data", get(data))
        .route("/load", post(turn))
        .with_state(Shown { history, dial });
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
    Ok(Page { url, serving: tokio::spawn(serving.into_future()) })
}

/// What the page draws.
#[derive(Serialize)]
struct Data {
    objective_s: f64,
    tick_s: f64,
    period_s: f64,
    load_factor: f64,
    samples: Vec<Sample>,
}

/// What the page has seen already.
#[derive(Deserialize)]
struct Seen {
    until_s: Option<f64>,
}

async fn data(State(shown): State<Shown>, Query(seen): Query<Seen>) -> Json<Data> {
    let pace = shown.history.pace;
    Json(Data {
        objective_s: OBJECTIVE_S,
        tick_s: pace.tick.as_secs_f64(),
        period_s: pace.period.as_secs_f64(),
        load_factor: shown.dial.factor(),
        samples: shown.history.since(seen.until_s.unwrap_or(f64::NEG_INFINITY)),
    })
}

#[derive(Deserialize)]
struct Turn {
    by: f64,
}

/// Multiplies the load. The header keeps other sites' forms from doing it.
async fn turn(
    State(shown): State<Shown>,
    Query(turn): Query<Turn>,
    headers: HeaderMap,
) -> Result<StatusCode, (StatusCode, String)> {
    if !headers.contains_key("x-requested-by") {
        return Err((StatusCode::FORBIDDEN, "the header x-requested-by is missing".to_owned()));
    }
    if !(turn.by > 0.0 && turn.by.is_finite()) {
        let problem = format!("by: found {}; allowed: a number above 0, such as 1.2", turn.by);
        return Err((StatusCode::BAD_REQUEST, problem));
    }
    shown.dial.turn(turn.by);
    Ok(StatusCode::NO_CONTENT)
}
