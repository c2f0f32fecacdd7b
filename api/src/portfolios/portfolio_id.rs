//! The id in `/portfolios/{id}/...`.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::problem::Problem;

/// The id of a portfolio that somebody asks for; whether it is theirs, the query says.
#[derive(Clone, Debug)]
pub struct PortfolioId(String);

impl PortfolioId {
    /// The id as the database knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An id that no text of PostgreSQL can hold names no portfolio: not found, like any other unknown one.
impl<S: Send + Sync> FromRequestParts<S> for PortfolioId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) if !id.contains('\0') => Ok(Self(id)),
            _ => Err(Problem::NotFound("Portfolio")),
        }
    }
}
