//! The whole API: its routes, and what every answer gets on its way out.

mod layers;
mod openapi;
mod routes;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::trace::TraceLayer;

pub use openapi::document;

use crate::state::AppState;

/// Smaller answers fit a packet or two as they are.
const COMPRESS_ABOVE_BYTES: u64 = 1024;
/// An import of 1,000 transactions with long notes fits.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// The whole API over `state`.
///
/// A request that takes longer than `request_timeout` is answered 503; `instance_id` goes into every answer.
pub fn router(state: AppState, request_timeout: Duration, instance_id: Option<HeaderValue>) -> Router {
    let mut document = openapi::heading();
    let router = routes::all().finish_api(&mut document);
    router
        .merge(openapi::pages(&document).layer(from_fn(layers::keep_an_hour)))
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::method_not_allowed)
        .layer(from_fn_with_state(request_timeout, layers::limit_time))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES)))
        .layer(from_fn_with_state(state.clone(), layers::close_when_draining))
        .layer(from_fn_with_state(instance_id, layers::name_instance))
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}
