//! The pages of `web/`, the dashboard and what shows the OpenAPI document: plain files, built into the program.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::state::AppState;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// Scripts and styles are our own files, and the pages talk to their own origin only.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/// The pages' files.
pub(super) fn files() -> Router<AppState> {
    let file = |media_type: &'static str, body: &'static str| {
        get(async move || {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static(media_type)),
                (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
                (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (headers, body).into_response()
        })
    };
    Router::new()
        .route("/", file(HTML, include_str!("../../web/index.html")))
        .route("/app.css", file(CSS, include_str!("../../web/app.css")))
        .route("/app.js", file(JAVASCRIPT, include_str!("../../web/app.js")))
        .route("/loading.js", file(JAVASCRIPT, include_str!("../../web/loading.js")))
        .route("/session.js", file(JAVASCRIPT, include_str!("../../web/session.js")))
        .route("/view.js", file(JAVASCRIPT, include_str!("../../web/view.js")))
        .route("/words.js", file(JAVASCRIPT, include_str!("../../web/words.js")))
        .route("/docs", file(HTML, include_str!("../../web/openapi.html")))
        .route("/openapi.css", file(CSS, include_str!("../../web/openapi.css")))
        .route("/openapi.js", file(JAVASCRIPT, include_str!("../../web/openapi.js")))
        .route("/service-worker.js", file(JAVASCRIPT, include_str!("../../web/service-worker.js")))
}
