//! Access tokens: JWT, HS256, issuer `exstrat-api`, audience `exstrat-client`, 24 hours.
//!
//! A token is believed for its lifetime without asking the database: the look-up of the user on every request
//! is what made each of the beta's calls a query dearer.

use std::time::Duration;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::verified::{Known, Verified};
use super::{AuthError, UserId, hs256};

/// How long an access token is valid.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// How long after its end a token may still be exchanged for a fresh one.
pub const REFRESH_WINDOW: Duration = Duration::from_hours(7 * 24);
/// How long exchanging tokens may go on before the password is asked for again.
pub const MAX_SESSION: Duration = Duration::from_hours(30 * 24);

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
    "the secret has {found} bytes; HS256 needs at least {} (for example: openssl rand -hex 32)",
    JwtSecret::MIN_BYTES
)]
pub struct SecretTooShort {
    found: usize,
}

/// Issues and verifies access tokens. One secret signs; while secrets rotate, tokens that the one before signed are
/// still believed, so that nobody is signed out.
pub struct AccessTokens {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
    refreshing: Validation,
    verified: Verified,
}

/// Whom a token names, since when they are signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: UserId,
    /// When they gave their password.
    pub since: OffsetDateTime,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    email: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    purpose: Option<String>,
    /// When the user gave their password; a token of the beta says nothing, then it is when it was issued.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    auth_time: Option<i64>,
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
    /// Tokens signed with `secret`; those that `previous` signed are believed too.
    pub fn new(secret: &JwtSecret, previous: Option<&JwtSecret>) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        let refreshing = Validation { leeway: REFRESH_WINDOW.as_secs(), ..validation.clone() };
        let verifying = [Some(secret), previous]
            .into_iter()
            .flatten()
            .map(|secret| DecodingKey::from_secret(secret.0.as_bytes()));
        Self {
            signing: EncodingKey::from_secret(secret.0.as_bytes()),
            verifying: verifying.collect(),
            validation,
            refreshing,
            verified: Verified::new(),
        }
    }

    /// A token for a user who gave their password `now`. It lets its bearer act as the user for [`LIFETIME`].
    pub fn issue(&self, user_id: &str, email: &str, now: OffsetDateTime) -> Result<String, Error> {
        self.renew(user_id, email, now, now)
    }

    /// A token for a user who gave their password at `since`.
    pub fn renew(
        &self,
        user_id: &str,
        email: &str,
        since: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<String, Error> {
        let claims = Claims {
            sub: user_id.to_owned(),
            email: Some(email.to_owned()),
            purpose: None,
            auth_time: Some(since.unix_timestamp()),
            iat: now.unix_timestamp(),
            exp: (now + LIFETIME).unix_timestamp(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// The user whom a token names, if we issued it as an access token and its time is not over.
    pub fn verify(&self, token: &str) -> Result<UserId, AuthError> {
        self.verify_at(token, OffsetDateTime::now_utc())
    }

    fn verify_at(&self, token: &str, now: OffsetDateTime) -> Result<UserId, AuthError> {
        let digest = Verified::digest(token);
        if let Some(known) = self.verified.get(&digest) {
            return if known.until < now.unix_timestamp() { Err(AuthError::Expired) } else { Ok(known.user) };
        }
        let claims = self.claims(token, &self.validation)?;
        let user = UserId(claims.sub.into());
        self.verified.insert(digest, Known { user: user.clone(), until: claims.exp });
        Ok(user)
    }

    /// The session that a token belongs to, if it may still be refreshed: its time is over for at most
    /// [`REFRESH_WINDOW`], and the password was given at most [`MAX_SESSION`] ago.
    pub fn session(&self, token: &str, now: OffsetDateTime) -> Result<Session, AuthError> {
        let claims = self.claims(token, &self.refreshing)?;
        let since = OffsetDateTime::from_unix_timestamp(claims.auth_time.unwrap_or(claims.iat))
            .map_err(|_| AuthError::Invalid)?;
        if now - since > MAX_SESSION {
            return Err(AuthError::Expired);
        }
        Ok(Session { user: UserId(claims.sub.into()), since })
    }

    fn claims(&self, token: &str, validation: &Validation) -> Result<Claims, AuthError> {
        let mut outcome = Err(AuthError::Invalid);
        for key in &self.verifying {
            outcome = match jsonwebtoken::decode::<Claims>(token, key, validation) {
                Ok(token) => Ok(token.claims),
                Err(error) => match error.kind() {
                    ErrorKind::InvalidSignature => continue,
                    ErrorKind::ExpiredSignature => Err(AuthError::Expired),
                    _ => Err(AuthError::Invalid),
                },
            };
            break;
        }
        outcome.and_then(|claims| match claims.purpose.as_deref() {
            None | Some(ACCESS) if !claims.sub.is_empty() => Ok(claims),
            _ => Err(AuthError::Invalid),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn secret(letter: &str) -> JwtSecret {
        JwtSecret::new(letter.repeat(32)).unwrap()
    }

    fn tokens() -> AccessTokens {
        AccessTokens::new(&JwtSecret::new("0123456789abcdef0123456789abcdef".to_owned()).unwrap(), None)
    }

    fn user() -> UserId {
        UserId("user-1".into())
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
        assert_eq!(tokens().verify(token), Ok(user()));
    }

    #[test]
    fn a_token_lives_24_hours() {
        let now = OffsetDateTime::now_utc();
        let fresh =
            tokens().issue("user-1", "a@example.com", now - LIFETIME + Duration::from_mins(1)).unwrap();
        let stale =
            tokens().issue("user-1", "a@example.com", now - LIFETIME - Duration::from_secs(1)).unwrap();
        assert_eq!(tokens().verify(&fresh), Ok(user()));
        assert_eq!(tokens().verify(&stale), Err(AuthError::Expired));
    }

    /// Also one that was verified a moment ago.
    #[test]
    fn a_known_token_ends_like_any_other() {
        let (tokens, now) = (tokens(), OffsetDateTime::now_utc());
        let token = tokens.issue("user-1", "a@example.com", now).unwrap();
        let end = now + LIFETIME;
        assert_eq!(tokens.verify(&token), Ok(user()));
        assert_eq!(tokens.verify_at(&token, end), Ok(user()));
        assert_eq!(tokens.verify_at(&token, end + Duration::from_secs(1)), Err(AuthError::Expired));
        assert_eq!(tokens.verify(&format!("{token}x")), Err(AuthError::Invalid), "another is not known");
    }

    #[test]
    fn the_same_moment_gives_the_same_token() {
        assert_eq!(tokens().issue("u", "e", NOW).unwrap(), tokens().issue("u", "e", NOW).unwrap());
    }

    #[test]
    fn the_secret_before_is_believed_and_the_one_before_that_is_not() {
        let now = OffsetDateTime::now_utc();
        let issued = |letter| AccessTokens::new(&secret(letter), None).issue("user-1", "e", now).unwrap();
        let rotated = AccessTokens::new(&secret("c"), Some(&secret("b")));
        assert_eq!(rotated.verify(&issued("c")), Ok(user()));
        assert_eq!(rotated.verify(&issued("b")), Ok(user()));
        assert_eq!(rotated.verify(&issued("a")), Err(AuthError::Invalid));
    }

    /// A week after its end a token refreshes nothing, nor does any token a month after the password.
    #[test]
    fn refreshing_has_an_end() {
        let now = OffsetDateTime::now_utc();
        let issued_ago = |ago| tokens().issue("user-1", "e", now - ago).unwrap();
        let day = Duration::from_hours(24);
        let session = tokens().session(&issued_ago(day * 7), now).unwrap();
        assert_eq!(session.since.unix_timestamp(), (now - day * 7).unix_timestamp());
        assert_eq!(
            tokens().session(&issued_ago(day * 8 + Duration::from_mins(1)), now),
            Err(AuthError::Expired)
        );
        let renewed = |since| tokens().renew("user-1", "e", now - since, now).unwrap();
        assert!(tokens().session(&renewed(day * 29), now).is_ok());
        assert_eq!(tokens().session(&renewed(day * 31), now), Err(AuthError::Expired));
    }
}
