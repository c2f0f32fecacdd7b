//! Passwords: argon2id for new ones, bcrypt accepted as the beta stored it and replaced at the next sign-in.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Most bytes of a password. A longer one only costs; bcrypt would ignore what is beyond 72.
const MAX_BYTES: usize = 256;
/// Hashing costs tens of milliseconds of a core and 19 MiB by design: a storm of sign-ins must not take the cores
/// away from dashboards.
const AT_ONCE: usize = 1;

/// A password of at least so many bytes, as somebody typed it. It has no readable `Debug`.
#[derive(Clone)]
pub struct Password<const MIN: usize>(String);

/// One that somebody chooses now.
pub type NewPassword = Password<8>;
/// One that somebody chose before: the beta was content with six characters.
pub type KnownPassword = Password<1>;

/// Hashes and verifies, a few at a time, away from the threads that serve.
#[derive(Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

/// What a password is worth beside a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wrong,
    Right,
    /// Right, and the hash is of a kind that we no longer make.
    RightButOutdated,
}

/// Stands in where there is no such user, so that there is as much to do as where there is one.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash("nobody's password").unwrap_or_default());

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to store: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), the crate's defaults.
    pub(super) async fn hash<const MIN: usize>(&self, password: Password<MIN>) -> Result<String, Problem> {
        self.work(move || hash(&password.0))
            .await?
            .map_err(|error| anyhow::anyhow!("hashing: {error}").into())
    }

    /// Compares with a user's stored hash, or with nobody's.
    pub(super) async fn verify(
        &self,
        password: KnownPassword,
        stored: Option<String>,
    ) -> Result<Verdict, Problem> {
        self.work(move || {
            let against = verdict(&password.0, stored.as_deref().unwrap_or(&NOBODYS_HASH));
            if stored.is_some() { against } else { Verdict::Wrong }
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        // The semaphore is never closed, and the work does not panic; both errors are only theirs in type.
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|error| Problem::Internal(Arc::new(error.into())))?;
        // Work that has begun goes on when whoever asked hangs up, and so keeps its permit itself.
        let work = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::Internal(Arc::new(error.into())))
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
}

fn verdict(password: &str, stored: &str) -> Verdict {
    let is_bcrypt = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix));
    if is_bcrypt {
        return match bcrypt::verify(password, stored) {
            Ok(true) => Verdict::RightButOutdated,
            _ => Verdict::Wrong,
        };
    }
    let matches = PasswordHash::new(stored)
        .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok());
    if matches { Verdict::Right } else { Verdict::Wrong }
}

impl<'de, const MIN: usize> Deserialize<'de> for Password<MIN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let password = String::deserialize(deserializer)?;
        let found = password.len();
        if (MIN..=MAX_BYTES).contains(&found) {
            return Ok(Self(password));
        }
        Err(D::Error::custom(format!("has {found} bytes; allowed are {MIN} to {MAX_BYTES}")))
    }
}

impl<const MIN: usize> std::fmt::Debug for Password<MIN> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

impl<const MIN: usize> JsonSchema for Password<MIN> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Password_{MIN}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "password", "minLength": MIN, "maxLength": MAX_BYTES})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argon2id_is_made_and_bcrypt_is_outdated() {
        let made = hash("correct horse").unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert_eq!(verdict("correct horse", &made), Verdict::Right);
        assert_eq!(verdict("battery staple", &made), Verdict::Wrong);
        let old = bcrypt::hash("correct horse", 4).unwrap();
        assert_eq!(verdict("correct horse", &old), Verdict::RightButOutdated);
        assert_eq!(verdict("battery staple", &old), Verdict::Wrong);
    }

    #[tokio::test]
    async fn whoever_hangs_up_makes_no_room_for_another_hash() {
        let (passwords, (finish, finished)) = (Passwords::default(), std::sync::mpsc::channel());
        let (begins, has_begun) = tokio::sync::oneshot::channel();
        let mut first = Box::pin(passwords.work(move || {
            begins.send(()).unwrap();
            finished.recv().unwrap();
        }));
        tokio::select! {
            _ = &mut first => panic!("it waits to be told to finish"),
            begun = has_begun => begun.unwrap(),
        }
        drop(first);
        assert_eq!(passwords.permits.available_permits(), 0);
        finish.send(()).unwrap();
        passwords.work(|| ()).await.unwrap();
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for stored in ["", "!", "plain", "$2b$12$short", "$argon2id$"] {
            assert_eq!(verdict("", stored), Verdict::Wrong, "{stored}");
            assert_eq!(verdict("plain", stored), Verdict::Wrong, "{stored}");
        }
    }
}
