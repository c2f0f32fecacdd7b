//! What was read before: in this process's memory, and in Redis for the whole fleet.
//!
//! It only ever saves work. A document is kept under its user's key and no other. Of many who ask for the same
//! document at once one reads it and the others wait for that (single flight). A document past its time is handed
//! out for a little longer while one reader renews it, and for some minutes while the database is away. A write drops
//! all documents of its user, here, in Redis and, by an event, in every other instance; whoever was reading meanwhile
//! keeps nothing of what they read. So does what is computed anew, such as forecasts; but what was before is no untruth
//! then, and this process hands it out where the database is away.
//!
//! Redis gets 50 ms to answer unless it is told otherwise; when it does not, requests go on to the database as if there
//! were no cache, and later ones do not even try until a connection stands again. Memory is believed only while the
//! events arrive.

mod connection;
mod document;
mod entry;
mod events;
mod link;
mod listeners;
mod memory;
mod outcome;
mod read;
mod shared;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::extract::ws::Utf8Bytes;
use tokio::sync::broadcast::Receiver;

pub use document::{Document, Key, Scope};
pub use entry::Entry;
pub(crate) use entry::etag;
pub use events::{CHANGED, Event};
pub use outcome::Outcome;

use crate::auth::UserId;
use crate::settings::CacheSettings;
use events::Events;
use listeners::Listeners;
use memory::Memory;
use shared::Shared;

/// The cache. Without Redis nothing is kept from one request to the next, since nobody would tell this instance what
/// the others write; requests at the same time still share their work.
pub struct Cache {
    memory: Memory,
    shared: Option<Shared>,
    events: Option<Events>,
    listeners: Listeners,
}

/// What is said of an address that is none.
pub(crate) const NO_ADDRESS: &str =
    "REDIS_URL is not a Redis address; allowed is redis[s]://[:password@]host:port[/database]";

/// Dials Redis; an error says where it is, without the password, and why it does not answer.
pub(crate) async fn reach(url: &str, is_cluster: bool) -> anyhow::Result<()> {
    let server = connection::Server::at(url, is_cluster).context(NO_ADDRESS)?;
    server.dial().await.map(drop).map_err(anyhow::Error::msg).with_context(|| connection::places(url))
}

impl Cache {
    /// The cache that these settings describe. A Redis that cannot be reached now is tried again later; only an
    /// address that makes no sense is an error.
    pub async fn open(settings: &CacheSettings) -> redis::RedisResult<Arc<Self>> {
        let Some(url) = &settings.redis_url else {
            return Ok(Arc::new(Self::new(None, None)));
        };
        let shared = Shared::open(url.as_str(), settings).await?;
        let events = Events::at(url.as_str(), settings.redis_cluster, &settings.redis_namespace)?;
        let cache = Arc::new(Self::new(Some(shared), Some(events)));
        events::follow(&cache).await;
        Ok(cache)
    }

    fn new(shared: Option<Shared>, events: Option<Events>) -> Self {
        Self { memory: Memory::new(), shared, events, listeners: Listeners::new() }
    }

    /// Something happened: drops all that is no longer true, everywhere, and tells whoever listens.
    pub async fn tell(self: &Arc<Self>, event: Event) {
        self.drop_what_was_before(&event);
        match &self.shared {
            // It comes back by the subscription, here too.
            Some(shared) if shared.forget(&event).await => {}
            Some(_) => {
                self.hear(&event);
                tokio::spawn(tell_later(Arc::clone(self), event));
            }
            None => self.hear(&event),
        }
    }

    fn hear(&self, event: &Event) {
        self.drop_what_was_before(event);
        self.listeners.tell(event);
    }

    fn drop_what_was_before(&self, event: &Event) {
        let scope = event.scope();
        if event.is_write() { self.memory.forget(&scope) } else { self.memory.supersede(&scope) }
    }

    /// What happens from now on, in this instance and in the others.
    pub fn listen(&self) -> Receiver<Event> {
        self.listeners.to_all()
    }

    /// The part of it that concerns everybody, as it is told.
    pub fn listen_publicly(&self) -> Receiver<Utf8Bytes> {
        self.listeners.to_public()
    }

    /// The part of it that concerns this user, as it is told.
    pub fn listen_for(&self, user: &UserId) -> Receiver<Utf8Bytes> {
        self.listeners.to_user(user.as_str())
    }

    /// Whether the user wrote so recently, here or elsewhere, that a replica may not know yet; or nobody can say.
    pub fn wrote_recently(&self, user: &UserId) -> bool {
        let deaf = self.events.as_ref().is_some_and(|events| !events.are_heard());
        deaf || self.memory.wrote_recently(&Scope::of(user))
    }

    /// Whether there is a connection to Redis now.
    pub fn answers(&self) -> bool {
        self.shared.as_ref().is_some_and(Shared::answers)
    }

    /// Whether this instance learns what the others write.
    pub fn hears_events(&self) -> bool {
        self.events.as_ref().is_some_and(Events::are_heard)
    }
}

/// Redis missed it: when it answers again it must not go on serving what was before.
async fn tell_later(cache: Arc<Cache>, event: Event) {
    let Some(shared) = &cache.shared else { return };
    let event = event.outdated();
    let until = Instant::now() + Duration::from_millis(shared::HASH_TTL_MS);
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if shared.forget(&event).await {
            return;
        }
    }
}

/// How long after a write its user is served from the primary: longer than a replica lags.
const REPLICA_LAG: Duration = Duration::from_secs(10);
