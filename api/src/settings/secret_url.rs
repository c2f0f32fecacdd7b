//! Addresses that hold passwords.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// An address that may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Whatever it says: what makes no sense shows when it is used.
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address, password and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(..)")
    }
}
