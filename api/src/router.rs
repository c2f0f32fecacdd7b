//! The whole API: its routes, and what every answer gets on its way out.

mod compressed;
mod layers;
mod openapi;
mod page;
mod routes;
mod validate;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::trace::TraceLayer;

pub use openapi::document;

use crate::admission::{Admission, Capacity};
use crate::state::AppState;
use crate::{live, observed};

/// Smaller answers fit a packet or two as they are.
const COMPRESS_ABOVE_BYTES: u64 = 1024;
/// An import of 1,000 transactions with long notes fits.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// What the router is told.
#[derive(Clone, Debug)]
pub struct RouterSettings {
    /// A request that takes longer is answered 503.
    pub request_timeout: Duration,
    /// How much is served at once.
    pub capacity: Capacity,
    /// Goes into every answer.
    pub instance_id: Option<HeaderValue>,
}

/// The whole API over `state`.
///
/// A request passes the layers from the last to the first, in a builder from the first to the last: it is counted,
/// named, admitted, and timed.
pub fn router(state: AppState, settings: &RouterSettings) -> Router {
    let routes = routes::all().finish_api(&mut openapi::heading());
    routes
        .merge(openapi::pages().layer(from_fn(layers::keep_an_hour)))
        .merge(page::files().layer(from_fn(layers::keep_an_hour)))
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::method_not_allowed)
        .layer(from_fn_with_state(settings.request_timeout, layers::limit_time))
        .layer(from_fn_with_state(Admission::new(settings.capacity), Admission::admit))
        .merge(unhindered())
        // One layer and not seven: the router boxes what a layer wraps, and clones it for each request.
        .layer(
            ServiceBuilder::new()
                .layer(TraceLayer::new_for_http().on_failure(()))
                .layer(from_fn_with_state(state.clone(), observed::observe))
                .layer(from_fn_with_state(settings.instance_id.clone(), layers::name_instance))
                .layer(from_fn_with_state(state.clone(), layers::close_when_draining))
                .layer(from_fn(compressed::compress_once))
                .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES)))
                .layer(DefaultBodyLimit::max(MAX_BODY_BYTES)),
        )
        .with_state(state)
}

/// What must answer however much there is to do, and what lasts longer than a request: health checks, metrics,
/// WebSockets. A load balancer must not take a busy instance for a dead one.
fn unhindered() -> Router<AppState> {
    let websocket = Router::new().route("/ws", get(live::upgrade));
    let metrics = Router::new().route("/metrics", get(observed::metrics));
    routes::healths()
        .finish_api(&mut aide::openapi::OpenApi::default())
        .merge(metrics)
        .merge(websocket)
        .layer(from_fn(layers::keep_nowhere))
}
