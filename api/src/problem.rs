//! What goes wrong, as one enum, and how it is told: a problem document (RFC 9457) that also carries the members
//! that the existing front end reads, `statusCode`, `message` and `error`.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::auth::AuthError;

/// Every way in which a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nobody, or nobody any more.
    #[error(transparent)]
    Unauthorized(#[from] AuthError),
    /// There is no such thing, or it belongs to somebody else: the answer is the same.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// No route has this path.
    #[error("Cannot {0} {1}")]
    NoRoute(Method, String),
    /// The path exists, the method does not.
    #[error("Cannot {0} {1}")]
    MethodNotAllowed(Method, String),
    /// The process is about to stop and wants no new work.
    #[error("The instance is draining")]
    Draining,
    /// The request took longer than it may.
    #[error("The request took too long")]
    TimedOut,
    /// The database cannot be reached, or has no connection free.
    #[error("The database does not answer")]
    DatabaseUnavailable(#[source] sqlx::Error),
    /// Anything else: logged here, not told.
    #[error("Internal server error")]
    Internal(#[source] anyhow::Error),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    status_code: u16,
    message: &'a str,
    error: &'a str,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) | Self::NoRoute(..) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(..) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Draining | Self::TimedOut | Self::DatabaseUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The RFC 6750 challenge: an error code only where a token was sent.
    fn challenge(&self) -> Option<(HeaderName, HeaderValue)> {
        let value = match self {
            Self::Unauthorized(AuthError::Missing) => "Bearer",
            Self::Unauthorized(_) => r#"Bearer error="invalid_token""#,
            _ => return None,
        };
        Some((WWW_AUTHENTICATE, HeaderValue::from_static(value)))
    }

    fn log(&self) {
        match self {
            Self::DatabaseUnavailable(error) => tracing::warn!(%error, "the database does not answer"),
            Self::Internal(error) => tracing::error!(error = format!("{error:#}"), "a request failed"),
            _ => {}
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| is_unavailable(&code)),
            _ => false,
        };
        if unavailable { Self::DatabaseUnavailable(error) } else { Self::Internal(error.into()) }
    }
}

/// SQLSTATE classes: connection exceptions, insufficient resources, and a server that starts or stops.
fn is_unavailable(sqlstate: &str) -> bool {
    ["08", "53", "57P"].iter().any(|class| sqlstate.starts_with(class))
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let reason = status.canonical_reason().unwrap_or("Error");
        let message = self.to_string();
        let document = Document {
            r#type: "about:blank",
            title: reason,
            status: status.as_u16(),
            detail: &message,
            status_code: status.as_u16(),
            message: &message,
            error: reason,
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.challenge());
        response
    }
}
