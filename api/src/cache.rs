//! The shared cache: documents of one user, in Redis, for about half a minute.
//!
//! It only ever saves work. Redis gets 50 ms to answer; when it does not, the request goes on to the database
//! as if there were no cache, and later requests do not even try until a connection stands again.

mod link;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;

use crate::auth::UserId;
use link::Link;

/// How long Redis may take for one command.
const COMMAND_TIMEOUT: Duration = Duration::from_millis(50);
/// A document's shortest life; the longest is a quarter more, so that what was stored together does not expire together.
const MIN_TTL: Duration = Duration::from_secs(26);
/// Raised when a cached document changes its shape, so that instances of two versions do not read each other's.
const VERSION: u32 = 1;

/// The name of one user's document: no two users share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

/// What the cache said.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The document.
    Hit(String),
    /// Redis answered and does not have it.
    Miss,
    /// There is no Redis, or it did not answer.
    Bypass,
}

/// What the cache was worth so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents that Redis had.
    pub hits: u64,
    /// Documents that Redis did not have.
    pub misses: u64,
    /// Look-ups that went past Redis.
    pub bypasses: u64,
}

/// The cache, or its absence where no Redis is configured.
pub struct Cache {
    link: Option<Link>,
    hits: AtomicU64,
    misses: AtomicU64,
    bypasses: AtomicU64,
}

impl Key {
    /// The user's dashboard.
    pub fn dashboard(user: &UserId) -> Self {
        Self(format!("exstrat:dashboard:v{VERSION}:{}", user.as_str()))
    }
}

impl Lookup {
    /// As the header `Cache-Status` (RFC 9211) says it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Hit(_) => "redis; hit",
            Self::Miss => "redis; fwd=uri-miss",
            Self::Bypass => "redis; fwd=bypass",
        }
    }
}

impl Cache {
    /// The cache in the Redis at `url`. A Redis that cannot be reached now is tried again later; only an address
    /// that makes no sense is an error.
    pub async fn connect(url: Option<&str>) -> redis::RedisResult<Self> {
        let link = match url {
            Some(url) => Some(Link::open(redis::Client::open(url)?).await),
            None => None,
        };
        Ok(Self { link, hits: 0.into(), misses: 0.into(), bypasses: 0.into() })
    }

    /// The document under `key`, within 50 ms or not at all.
    pub async fn get(&self, key: &Key) -> Lookup {
        let get = async |mut redis: MultiplexedConnection| redis.get::<_, Option<String>>(&key.0).await;
        let (counter, lookup) = match self.command(get).await {
            Some(Some(document)) => (&self.hits, Lookup::Hit(document)),
            Some(None) => (&self.misses, Lookup::Miss),
            None => (&self.bypasses, Lookup::Bypass),
        };
        counter.fetch_add(1, Relaxed);
        lookup
    }

    /// Keeps a document for 26 to 33 seconds, if Redis takes it.
    pub async fn put(&self, key: &Key, document: &str) {
        let ttl = MIN_TTL.mul_f64(rand::random_range(1.0..1.25));
        let set = async |mut redis: MultiplexedConnection| {
            redis.pset_ex::<_, _, ()>(&key.0, document, ttl.as_millis() as u64).await
        };
        self.command(set).await;
    }

    /// Drops what is kept of a user.
    pub async fn forget(&self, user: &UserId) {
        let key = Key::dashboard(user);
        self.command(async |mut redis: MultiplexedConnection| redis.unlink::<_, ()>(&key.0).await).await;
    }

    /// Whether there is a connection now.
    pub fn answers(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.connection().is_some())
    }

    /// Hits, misses and bypasses since the start.
    pub fn counts(&self) -> Counts {
        Counts {
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            bypasses: self.bypasses.load(Relaxed),
        }
    }

    async fn command<T>(
        &self,
        send: impl AsyncFnOnce(MultiplexedConnection) -> redis::RedisResult<T>,
    ) -> Option<T> {
        let link = self.link.as_ref()?;
        let connection = link.connection()?;
        match tokio::time::timeout(COMMAND_TIMEOUT, send(connection)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => link.lost(&error.to_string()),
            Err(_) => link.lost("no answer within 50 ms"),
        }
    }
}
