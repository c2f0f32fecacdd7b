//! What a page of another origin may do.

use std::time::Duration;

use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LINK, ORIGIN, RETRY_AFTER,
};
use axum::http::{HeaderValue, Method};
use tower_http::cors::CorsLayer;

use super::front::SERVER_INSTANCE;
use crate::request::{CACHE_STATUS, TOTAL};

/// How long a browser need not ask again; Chromium believes no more than this.
const MAX_AGE: Duration = Duration::from_hours(2);
/// A page that traces its requests sends them.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The layer, where there are such origins. Preflights end here: they bring no token and take no place. Credentials are
/// not allowed, since a token is a header that the page sets, and no cookie.
pub(super) fn layer(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let layer = CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods(METHODS)
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, TRACEPARENT, TRACESTATE])
        .expose_headers([ETAG, RETRY_AFTER, CACHE_STATUS, SERVER_INSTANCE, LINK, TOTAL])
        .max_age(MAX_AGE)
        .vary([ORIGIN]);
    (!origins.is_empty()).then_some(layer)
}
