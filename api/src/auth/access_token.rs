//! Access tokens: JWT, HS256, issuer `exstrat-api`, audience `exstrat-client`, 24 hours.
//!
//! A token is believed for its lifetime without asking the database: the look-up of the user on every request
//! is what made each of the beta's calls a query dearer.

use std::time::Duration;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{AuthError, UserId, hs256};

/// How long an access token is valid.
pub const LIFETIME: Duration = Duration::from_hours(24);

const ISSUER: &str = "exstrat-api";
const AUDIENCE: &str = "exstrat-client";
/// The one value of the claim `type` that opens the API; tokens to reset a password carry another.
const ACCESS: &str = "access";

/// The key that signs tokens: at least 32 bytes, as many as the hash gives out (RFC 7518, section 3.2).
#[derive(Clone)]
pub struct JwtSecret(String);

/// The secret is too short to sign with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "JWT_SECRET has {found} bytes; HS256 needs at least {} (for example: openssl rand -hex 32)",
    JwtSecret::MIN_BYTES
)]
pub struct SecretTooShort {
    found: usize,
}

/// Issues and verifies access tokens with one secret.
pub struct AccessTokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    email: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    purpose: Option<String>,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
}

impl JwtSecret {
    /// Fewest bytes of a secret.
    pub const MIN_BYTES: usize = 32;

    /// Takes a secret that is long enough.
    pub fn new(secret: String) -> Result<Self, SecretTooShort> {
        match secret.len() {
            found if found < Self::MIN_BYTES => Err(SecretTooShort { found }),
            _ => Ok(Self(secret)),
        }
    }
}

impl AccessTokens {
    /// Tokens signed with `secret`.
    pub fn new(secret: &JwtSecret) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        Self {
            signing: EncodingKey::from_secret(secret.0.as_bytes()),
            verifying: DecodingKey::from_secret(secret.0.as_bytes()),
            validation,
        }
    }

    /// A token that lets its bearer act as the user from `now` on, for [`LIFETIME`].
    pub fn issue(&self, user_id: &str, email: &str, now: OffsetDateTime) -> Result<String, Error> {
        let claims = Claims {
            sub: user_id.to_owned(),
            email: Some(email.to_owned()),
            purpose: None,
            iat: now.unix_timestamp(),
            exp: (now + LIFETIME).unix_timestamp(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// The user whom a token names, if we issued it as an access token and its time is not over.
    pub fn verify(&self, token: &str) -> Result<UserId, AuthError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => AuthError::Expired,
                _ => AuthError::Invalid,
            })?
            .claims;
        match claims.purpose.as_deref() {
            None | Some(ACCESS) if !claims.sub.is_empty() => Ok(UserId(claims.sub)),
            _ => Err(AuthError::Invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn tokens() -> AccessTokens {
        AccessTokens::new(&JwtSecret::new("0123456789abcdef0123456789abcdef".to_owned()).unwrap())
    }

    #[test]
    fn a_secret_of_31_bytes_is_refused() {
        assert_eq!(JwtSecret::new("x".repeat(31)).err(), Some(SecretTooShort { found: 31 }));
        assert!(JwtSecret::new("x".repeat(32)).is_ok());
    }

    /// The vector of the beta's kind of token, signed by an independent implementation of HMAC-SHA256 (Python's `hmac`).
    #[test]
    fn a_token_signed_elsewhere_is_verified() {
        let token = include_str!("../../tests/data/token_signed_elsewhere.txt").trim();
        assert_eq!(tokens().verify(token), Ok(UserId("user-1".to_owned())));
    }

    #[test]
    fn a_token_lives_24_hours() {
        let now = OffsetDateTime::now_utc();
        let fresh =
            tokens().issue("user-1", "a@example.com", now - LIFETIME + Duration::from_mins(1)).unwrap();
        let stale =
            tokens().issue("user-1", "a@example.com", now - LIFETIME - Duration::from_secs(1)).unwrap();
        assert_eq!(tokens().verify(&fresh), Ok(UserId("user-1".to_owned())));
        assert_eq!(tokens().verify(&stale), Err(AuthError::Expired));
    }

    #[test]
    fn the_same_moment_gives_the_same_token() {
        assert_eq!(tokens().issue("u", "e", NOW).unwrap(), tokens().issue("u", "e", NOW).unwrap());
    }
}
