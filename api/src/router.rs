//! The whole API: its routes, and what every answer gets on its way out.

mod compressed;
mod cors;
mod fences;
mod front;
mod layers;
mod openapi;
mod page;
mod receive;
mod routes;
mod validate;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

pub use openapi::document;

use crate::admission::{Admission, Capacity};
use crate::observed;
use crate::state::AppState;
use fences::Fences;
use front::Front;
use receive::Bodies;

/// Smaller answers fit a packet or two as they are.
const COMPRESS_ABOVE_BYTES: u64 = 1024;
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
    /// Of the pages elsewhere that may use the API.
    pub cors_origins: Vec<HeaderValue>,
}

/// The whole API over `state`.
///
/// A request passes the layers from the last to the first, in a builder from the first to the last: it is counted
/// (a preflight ends there) and named, its user identified, its body received; then it is admitted and timed.
pub fn router(state: AppState, settings: &RouterSettings) -> Router {
    let front = Arc::new(Front { state: state.clone(), instance_id: settings.instance_id.clone() });
    gated(&state, settings)
        .merge(unhindered())
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::method_not_allowed)
        // One layer and not several: the router boxes what a layer wraps, and clones it for each request.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(front, Front::pass))
                .option_layer(cors::layer(&settings.cors_origins))
                .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES))),
        )
        .with_state(state)
}

/// What takes a place while it is served, behind the fences that its kind of route needs.
fn gated(state: &AppState, settings: &RouterSettings) -> Router<AppState> {
    let (requests, passwords) =
        (Admission::new("requests", settings.capacity), Admission::new("passwords", PASSWORDS));
    let (of_users, of_nobody) = (Arc::new(Bodies::of_users()), Arc::new(Bodies::of_nobody()));
    let fences = |gate: &Admission, bodies: &Arc<Bodies>| {
        let (gate, bodies) = (gate.clone(), Arc::clone(bodies));
        Arc::new(Fences { state: state.clone(), bodies, gate, time_limit: settings.request_timeout })
    };
    let (users, anonymous) = (fences(&requests, &of_users), fences(&requests, &of_nobody));
    let hashed = fences(&passwords, &of_nobody);

    let private = Router::from(routes::private());
    let questions = Router::from(routes::questions());
    let sessions = Router::from(routes::sessions());
    let hashing = Router::from(routes::passwords());
    let files = openapi::file().merge(page::files()).layer(from_fn(layers::keep_an_hour));
    let public = Router::from(routes::public()).merge(files);
    private
        .route_layer(from_fn_with_state(users.clone(), Fences::private))
        .merge(questions.route_layer(from_fn_with_state(users, Fences::question)))
        .merge(sessions.route_layer(from_fn_with_state(anonymous.clone(), Fences::session)))
        .merge(hashing.route_layer(from_fn_with_state(hashed, Fences::password)))
        .merge(public.route_layer(from_fn_with_state(anonymous, Fences::public)))
}

/// What must answer however much there is to do, and what lasts longer than a request: health checks, metrics,
/// WebSockets. A load balancer must not take a busy instance for a dead one.
fn unhindered() -> Router<AppState> {
    let metrics = Router::new().route("/metrics", get(observed::metrics));
    let documented = routes::healths().merge(routes::websocket());
    Router::from(documented).merge(metrics).layer(from_fn(layers::keep_nowhere))
}
