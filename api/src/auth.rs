//! Who is asking: access tokens, and the extractor that turns one into a [`UserId`]; and the routes that hand tokens
//! out for passwords.
//!
//! A [`UserId`] comes only out of a verified token, and every query on private data takes one,
//! so that a route without authentication cannot be written by forgetting it.

mod access_token;
mod bearer;
mod hs256;
mod password;
pub mod routes;
mod users;
mod verified;

use std::sync::Arc;

pub use access_token::{
    AccessTokens, JwtSecret, LIFETIME, MAX_SESSION, REFRESH_WINDOW, SecretTooShort, Session,
};
pub use bearer::{AuthError, SECURITY_SCHEME};
pub(crate) use bearer::{bearer, identify, identify_session};
pub use password::{Password, Passwords};

/// The id of the user whom a verified token names. A request hands it on several times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// The id as the database knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
impl From<&str> for UserId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}
