//! `Authorization: Bearer <token>` (RFC 6750), as an extractor of the user.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::UserId;
use crate::{problem::Problem, state::AppState};

/// Why nobody could be recognised. What exactly was wrong with a token is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No `Authorization` header with the scheme Bearer.
    #[error("A bearer token is required")]
    Missing,
    /// The token was ours; its 24 hours are over.
    #[error("The token has expired")]
    Expired,
    /// Not a token of ours, or not one for this purpose.
    #[error("The token is not valid")]
    Invalid,
}

impl FromRequestParts<AppState> for UserId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or(AuthError::Missing)?;
        Ok(state.access_tokens.verify(token)?)
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
