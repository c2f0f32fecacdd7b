//! `Authorization: Bearer <token>` (RFC 6750), as an extractor of the user.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::UserId;
use crate::{problem::Problem, state::AppState};

/// What the OpenAPI document calls the token.
pub const SECURITY_SCHEME: &str = "bearer";

/// Why nobody could be recognised. What exactly was wrong with a token is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No `Authorization` header with the scheme Bearer.
    #[error("A bearer token is required")]
    Missing,
    /// The token was ours; its 24 hours are over.
    #[error("The token has expired")]
    Expired,
    /// Nobody has this email address with this password; which of the two is wrong is not told.
    #[error("The email address or the password is wrong")]
    WrongPassword,
    /// Not a token of ours, or not one for this purpose.
    #[error("The token is not valid")]
    Invalid,
}

impl FromRequestParts<AppState> for UserId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or(AuthError::Missing)?;
        let user = state.access_tokens.verify(token)?;
        state.limits.check_user(&user)?;
        Ok(user)
    }
}

/// Says in the OpenAPI document that the operation needs a token.
impl OperationInput for UserId {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let requirement = [(SECURITY_SCHEME.to_owned(), Vec::new())].into_iter().collect();
        operation.security = vec![requirement];
    }
}

pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
