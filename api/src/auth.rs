//! Who is asking: access tokens, and the extractor that turns one into a [`UserId`].
//!
//! A [`UserId`] comes only out of a verified token, and every query on private data takes one,
//! so that a route without authentication cannot be written by forgetting it.

mod access_token;
mod bearer;
mod hs256;

pub use access_token::{AccessTokens, JwtSecret, LIFETIME, SecretTooShort};
pub use bearer::AuthError;

/// The id of the user whom a verified token names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    /// The id as the database knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
