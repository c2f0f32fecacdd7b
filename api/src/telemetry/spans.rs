//! The spans of a request and of its steps. They name routes, methods, statuses and outcomes; nothing of the user's.
//!
//! They cost a few instructions where nobody listens: no collector, and no log at debug.

use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use redis::{Arg, Cmd};
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::{Span, debug_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::Targets;

/// Under this name, whatever the module.
pub(super) const TARGET: &str = "api::traces";
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// Our spans and nothing else.
pub(super) fn filter() -> Targets {
    Targets::new().with_target(TARGET, LevelFilter::DEBUG)
}

/// A request's span.
#[derive(Clone, Debug)]
pub(crate) struct Traced(Span);

impl Traced {
    /// Begins a request's span, within the caller's trace if it names one (W3C's `traceparent`).
    pub(crate) fn request(method: &Method, route: &str, headers: &HeaderMap) -> Self {
        let span = debug_span!(
            target: TARGET,
            "request",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method.as_str(),
            http.route = route,
            http.response.status_code = Empty,
            cache.status = Empty,
        );
        if !span.is_disabled() {
            let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
            // It fails where no collector is: then there is no trace to continue.
            let _ = span.set_parent(parent);
        }
        Self(span)
    }

    /// Adds how it ended.
    pub(crate) fn answered(&self, response: &Response) {
        if self.0.is_disabled() {
            return;
        }
        let status = response.status();
        self.0.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.0.record("otel.status_code", "ERROR");
        }
        if let Some(cache) = response.headers().get(CACHE_STATUS).and_then(|value| value.to_str().ok()) {
            self.0.record("cache.status", cache);
        }
    }

    /// What the request's work is instrumented with.
    pub(crate) fn span(&self) -> Span {
        self.0.clone()
    }
}

/// A command to Redis, within the current request.
pub(crate) fn redis_command(command: &Cmd) -> Span {
    debug_span!(
        target: TARGET,
        "redis",
        otel.name = name(command),
        otel.kind = "client",
        db.system.name = "redis",
        db.operation.name = name(command),
    )
}

/// `HMGET`; its keys hold a user's id.
fn name(command: &Cmd) -> &str {
    match command.args_iter().next() {
        Some(Arg::Simple(name)) => std::str::from_utf8(name).unwrap_or_default(),
        _ => "",
    }
}
