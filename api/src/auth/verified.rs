//! Tokens that were verified a moment ago: beside a dashboard from memory, a token's signature and claims are dear.
//!
//! Nothing is believed that would not be believed anew: a verified token stays true until its end, which is checked each
//! time, and secrets change only when a process starts. What is kept is a digest, and no token.

use moka::sync::Cache;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use super::UserId;

/// As many users as have their documents in memory; some 2 MB.
const MAX_TOKENS: u64 = 10_000;

/// The tokens.
pub(super) struct Verified(Cache<Digest, Known>);

pub(super) type Digest = [u8; SHA256_OUTPUT_LEN];

/// Whom a token names, and until when.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) user: UserId,
    /// In Unix seconds.
    pub(super) until: i64,
}

impl Verified {
    pub(super) fn new() -> Self {
        Self(Cache::new(MAX_TOKENS))
    }

    /// What a token is known by.
    pub(super) fn digest(token: &str) -> Digest {
        let mut bytes = Digest::default();
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        bytes
    }

    pub(super) fn get(&self, token: &Digest) -> Option<Known> {
        self.0.get(token)
    }

    pub(super) fn insert(&self, token: Digest, known: Known) {
        self.0.insert(token, known);
    }
}
