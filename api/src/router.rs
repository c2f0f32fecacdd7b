//! The whole API: its routes, and what every answer gets on its way out.

mod compressed;
mod layers;
mod openapi;
mod page;
mod receive;
mod routes;
mod validate;

use std::time::Duration;

use axum::Router;
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
use crate::{auth, observed};
use receive::Bodies;

/// Smaller answers fit a packet or two as they are.
const COMPRESS_ABOVE_BYTES: u64 = 1024;
/// An import of 1,000 transactions with long notes fits.
const MAX_BODY_BYTES: u32 = 2 * 1024 * 1024;
/// What nobody in particular may send: an address, a password, a name.
const MAX_ANONYMOUS_BODY_BYTES: u32 = 4 * 1024;
/// Passwords are hashed one at a time, slowly by design: the beta's take a quarter of a second, so who comes later than
/// this many would wait for longer than they like. They have a gate of their own, or a storm of them would take every
/// place and the dashboards with it.
const PASSWORDS: Capacity = Capacity { at_once: 2, queue: 16, patience: Duration::from_millis(2500) };

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
/// A request passes the layers from the last to the first, in a builder from the first to the last: it is counted
/// and named, its user identified, its body received; then it is admitted and timed.
pub fn router(state: AppState, settings: &RouterSettings) -> Router {
    gated(&state, settings)
        .merge(unhindered())
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::method_not_allowed)
        // One layer and not six: the router boxes what a layer wraps, and clones it for each request.
        .layer(
            ServiceBuilder::new()
                .layer(TraceLayer::new_for_http().on_failure(()))
                .layer(from_fn_with_state(state.clone(), observed::observe))
                .layer(from_fn_with_state(settings.instance_id.clone(), layers::name_instance))
                .layer(from_fn_with_state(state.clone(), layers::close_when_draining))
                .layer(from_fn(compressed::compress_once))
                .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES))),
        )
        .with_state(state)
}

/// What takes a place while it is served, behind the fences that its kind of route needs.
fn gated(state: &AppState, settings: &RouterSettings) -> Router<AppState> {
    let again = from_fn_with_state(state.clone(), layers::read_again);
    let again_if_safe = from_fn_with_state(state.clone(), layers::read_again_if_safe);
    let timed = from_fn_with_state(settings.request_timeout, layers::limit_time);
    let gate = |name, capacity| from_fn_with_state(Admission::new(name, capacity), Admission::admit);
    let (admitted, hashed) = (gate("requests", settings.capacity), gate("passwords", PASSWORDS));
    let bodies = Bodies::default();
    let received = |max_bytes| from_fn_with_state(bodies.up_to(max_bytes), Bodies::receive);

    let private = Router::from(routes::private())
        .layer(again_if_safe.clone())
        .merge(Router::from(routes::questions()).layer(again.clone()))
        .layer(timed.clone())
        .layer(admitted.clone())
        .layer(received(MAX_BODY_BYTES))
        .route_layer(from_fn_with_state(state.clone(), auth::identify))
        .layer(from_fn(layers::keep_private));
    let sessions = Router::from(routes::sessions())
        .layer(again)
        .layer(timed.clone())
        .layer(admitted.clone())
        .layer(received(MAX_ANONYMOUS_BODY_BYTES))
        .route_layer(from_fn_with_state(state.clone(), auth::identify_session))
        .layer(from_fn(layers::keep_nowhere));
    let passwords = Router::from(routes::passwords())
        .layer(timed.clone())
        .layer(hashed)
        .layer(received(MAX_ANONYMOUS_BODY_BYTES))
        .layer(from_fn(layers::keep_nowhere));
    let files = openapi::pages().merge(page::files()).layer(from_fn(layers::keep_an_hour));
    let public =
        Router::from(routes::public()).merge(files).layer(again_if_safe).layer(timed).layer(admitted);
    private.merge(sessions).merge(passwords).merge(public)
}

/// What must answer however much there is to do, and what lasts longer than a request: health checks, metrics,
/// WebSockets. A load balancer must not take a busy instance for a dead one.
fn unhindered() -> Router<AppState> {
    let metrics = Router::new().route("/metrics", get(observed::metrics));
    let documented = routes::healths().merge(routes::websocket());
    Router::from(documented).merge(metrics).layer(from_fn(layers::keep_nowhere))
}
