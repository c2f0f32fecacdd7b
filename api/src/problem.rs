//! What goes wrong, as one enum, and how it is told: a problem document (RFC 9457) that also carries the members
//! that the existing front end reads, `statusCode`, `message` and `error`.

mod database;
mod document;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use tokio::time::Instant;

pub use document::Document;

use crate::auth::AuthError;

/// Every way in which a request fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    /// Nobody, or nobody any more.
    #[error(transparent)]
    Unauthorized(#[from] AuthError),
    /// Nobody has this email address with this password; which of the two is wrong is not told, nor by the time it takes.
    #[error("The email address or the password is wrong")]
    WrongPassword {
        /// When it is told.
        at: Instant,
    },
    /// The request names something that is not the user's, or that nobody has: the answer is the same.
    #[error("The {0} is not one of yours")]
    Forbidden(&'static str),
    /// There is no such thing, or it belongs to somebody else: the answer is the same.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// No route has this path.
    #[error("Cannot {0} {1}")]
    NoRoute(Method, String),
    /// The path exists, the method does not.
    #[error("Cannot {0} {1}")]
    MethodNotAllowed(Method, String),
    /// It contradicts what is there already.
    #[error("{0}")]
    Conflict(&'static str),
    /// The body is no JSON.
    #[error("The body is not JSON: {0}")]
    Malformed(String),
    /// The body says that it is no JSON.
    #[error("The body must be application/json")]
    UnsupportedMediaType,
    /// The body did not arrive in time.
    #[error("The body took too long to arrive")]
    SlowBody,
    /// The body is larger than any that means something.
    #[error("The body is too large")]
    TooLarge,
    /// A member has a value that it may not have.
    #[error("{field}: {reason}")]
    Invalid {
        /// The member's path, such as `steps[2].sellPercentage`.
        field: String,
        /// What was found and what is allowed.
        reason: String,
    },
    /// The user asks faster than one may.
    #[error("Too many requests")]
    TooManyRequests {
        /// When asking again may work.
        retry_after: Duration,
    },
    /// The user names tokens that nobody has named before, and has named as many of those as one may.
    #[error("Of tokens that nobody has named before you may name {allowed} at once and then one a minute")]
    TooManyNewTokens {
        /// How many at once.
        allowed: u32,
        /// When one more may be named.
        retry_after: Duration,
    },
    /// The user has as many WebSockets open as one may.
    #[error("You have {allowed} WebSockets open; close one to open another")]
    TooManyWebSockets {
        /// How many may be open.
        allowed: u32,
    },
    /// More requests wait than can be served in time.
    #[error("Too much to do")]
    Overloaded {
        /// When asking again may work.
        retry_after: Duration,
    },
    /// The process is about to stop and wants no new work.
    #[error("The instance is draining")]
    Draining,
    /// The process has started and is not ready to serve at full speed.
    #[error("The instance is warming up")]
    WarmingUp,
    /// The database gave the statement up for another one's sake; tried again it may succeed.
    #[error("Somebody else changed it at the same time")]
    Contended(#[source] Arc<sqlx::Error>),
    /// The request took longer than it may.
    #[error("The request took too long")]
    TimedOut,
    /// The database cannot be reached, or has no connection free.
    #[error("The database does not answer")]
    DatabaseUnavailable(#[source] Arc<sqlx::Error>),
    /// Anything else: logged here, not told.
    #[error("Internal server error")]
    Internal(Arc<anyhow::Error>),
}

impl Problem {
    /// A member has a value that it may not have.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) | Self::WrongPassword { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::NoRoute(..) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(..) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) | Self::Contended(_) => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests { .. } | Self::TooManyNewTokens { .. } | Self::TooManyWebSockets { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Overloaded { .. }
            | Self::Draining
            | Self::WarmingUp
            | Self::TimedOut
            | Self::DatabaseUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn log(&self) {
        match self {
            // That it does not answer was said once, when it was found out.
            Self::DatabaseUnavailable(error) if matches!(**error, sqlx::Error::PoolClosed) => {}
            Self::DatabaseUnavailable(error) => tracing::warn!(%error, "the database does not answer"),
            Self::Internal(error) => tracing::error!(error = format!("{error:#}"), "a request failed"),
            _ => {}
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(Arc::new(error.into()))
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(Arc::new(error))
    }
}
