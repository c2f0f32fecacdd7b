//! `Authorization: Bearer <token>` (RFC 6750), as an extractor of the user.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use time::OffsetDateTime;

use super::{Session, UserId};
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
    /// Not a token of ours, or not one for this purpose.
    #[error("The token is not valid")]
    Invalid,
}

/// Finds out who asks, and whether too often, before anything else is done for them: so neither nobody nor somebody in
/// haste takes a place from the others.
pub(crate) fn identify(state: &AppState, request: &mut Request) -> Result<(), Problem> {
    let token = bearer(request.headers()).ok_or(AuthError::Missing)?;
    let user = state.access_tokens.verify(token)?;
    state.limits.check_user(&user)?;
    request.extensions_mut().insert(user);
    Ok(())
}

/// The same where a token may have ended a while ago.
pub(crate) fn identify_session(state: &AppState, request: &mut Request) -> Result<(), Problem> {
    let token = bearer(request.headers()).ok_or(AuthError::Missing)?;
    let session = state.access_tokens.session(token, OffsetDateTime::now_utc())?;
    state.limits.check_user(&session.user)?;
    request.extensions_mut().insert(session);
    Ok(())
}

/// Whom [`identify`] found; on a route where it does not ask, nobody.
impl<S: Send + Sync> FromRequestParts<S> for UserId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(AuthError::Missing)?)
    }
}

/// What [`identify_session`] found.
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(AuthError::Missing)?)
    }
}

/// Says in the OpenAPI document that the operation needs a token.
impl OperationInput for UserId {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let requirement = [(SECURITY_SCHEME.to_owned(), Vec::new())].into_iter().collect();
        operation.security = vec![requirement];
    }
}

impl OperationInput for Session {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        UserId::operation_input(context, operation);
    }
}

/// The token that these headers bring.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
