//! This process's memory: the documents of its recent users, within a limit.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use moka::sync;

use super::document::{Key, Scope};
use super::entry::Entry;
use crate::problem::Problem;

/// About 10,000 users' dashboards.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Users share so many counters of writes: a collision only costs a reader who keeps nothing.
const EPOCHS: usize = 4096;
/// More writers than this in a moment are not remembered one by one.
const MAX_WRITERS: u64 = 100_000;

pub(super) struct Memory {
    documents: Cache<String, Arc<Entry>>,
    writers: sync::Cache<String, ()>,
    epochs: Box<[AtomicU64]>,
    hasher: RandomState,
}

/// Each document says itself how long it is kept.
struct ItsOwnTime;

impl Expiry<String, Arc<Entry>> for ItsOwnTime {
    fn expire_after_create(&self, _: &String, entry: &Arc<Entry>, _: Instant) -> Option<Duration> {
        Some(entry.remaining())
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.remaining())
    }
}

impl Memory {
    pub(super) fn new() -> Self {
        let documents = Cache::builder()
            .max_capacity(MAX_BYTES)
            .weigher(|key: &String, entry: &Arc<Entry>| entry.weight().saturating_add(key.len() as u32))
            .expire_after(ItsOwnTime)
            .support_invalidation_closures()
            .build();
        let writers =
            sync::Cache::builder().max_capacity(MAX_WRITERS).time_to_live(super::REPLICA_LAG).build();
        let epochs = (0..EPOCHS).map(|_| AtomicU64::new(0)).collect();
        Self { documents, writers, epochs, hasher: RandomState::new() }
    }

    pub(super) async fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        self.documents.get(&key.in_memory()).await
    }

    pub(super) async fn put(&self, key: &Key, entry: Entry) {
        self.documents.insert(key.in_memory(), Arc::new(entry)).await;
    }

    /// Runs `read`, or waits for whoever runs it already for this key.
    pub(super) async fn single_flight(
        &self,
        key: &Key,
        read: impl Future<Output = Result<Entry, Problem>>,
    ) -> Result<Arc<Entry>, Problem> {
        let read = async { read.await.map(Arc::new) };
        self.documents.try_get_with(key.in_memory(), read).await.map_err(|problem| Problem::clone(&problem))
    }

    /// Drops a scope's documents, and makes whoever is reading them keep nothing.
    pub(super) fn forget(&self, scope: &Scope) {
        self.epoch_of(scope).fetch_add(1, SeqCst);
        self.note_write(scope);
        let prefix = format!("{}\0", scope.name());
        // It is refused only where the builder did not allow it.
        let _ = self.documents.invalidate_entries_if(move |key, _| key.starts_with(&prefix));
    }

    /// Drops everything: events were missed.
    pub(super) fn forget_all(&self) {
        for epoch in &self.epochs {
            epoch.fetch_add(1, SeqCst);
        }
        self.documents.invalidate_all();
    }

    /// Changes with every write in the key's scope.
    pub(super) fn epoch(&self, key: &Key) -> u64 {
        self.epoch_of(&key.scope).load(SeqCst)
    }

    fn epoch_of(&self, scope: &Scope) -> &AtomicU64 {
        &self.epochs[self.hasher.hash_one(scope) as usize % EPOCHS]
    }

    pub(super) fn note_write(&self, scope: &Scope) {
        self.writers.insert(scope.name(), ());
    }

    pub(super) fn wrote_recently(&self, scope: &Scope) -> bool {
        self.writers.contains_key(&scope.name())
    }
}
