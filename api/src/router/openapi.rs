//! The OpenAPI document.

use aide::openapi::{Components, Info, OpenApi, ReferenceOr, SecurityScheme};
use axum::Router;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;

use super::routes;
use crate::auth::SECURITY_SCHEME;
use crate::state::AppState;

/// The document of every route.
pub fn document() -> OpenApi {
    let mut document = heading();
    let _routes = routes::all().merge(routes::healths()).merge(routes::websocket()).finish_api(&mut document);
    document
}

/// The document without its routes.
pub(super) fn heading() -> OpenApi {
    let bearer = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: Some("JWT".to_owned()),
        description: Some("From /auth/signin; valid for 24 hours".to_owned()),
        extensions: [].into(),
    };
    let schemes = [(SECURITY_SCHEME.to_owned(), ReferenceOr::Item(bearer))];
    OpenApi {
        info: Info {
            title: "ExStrat API".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: Some(
                "Numbers are exact decimals. Errors are problem documents (RFC 9457) that also carry \
                 `statusCode`, `message` and `error`."
                    .to_owned(),
            ),
            ..Info::default()
        },
        components: Some(Components {
            security_schemes: schemes.into_iter().collect(),
            ..Components::default()
        }),
        ..OpenApi::default()
    }
}

/// `GET /openapi.json`
pub(super) fn file() -> Router<AppState> {
    // It serialises: it holds only strings, numbers and schemas.
    let json = serde_json::to_string(&document()).unwrap_or_default();
    let headers = [(CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Router::new().route("/openapi.json", get(async move || (headers, json.clone())))
}
