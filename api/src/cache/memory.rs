//! This process's memory: the documents of its recent users, within a limit.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use moka::future::Cache;
use moka::policy::EvictionPolicy;
use moka::{Expiry, sync};

use super::document::{Key, Scope};
use super::entry::Entry;
use crate::problem::Problem;

/// About 10,000 users' dashboards.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Users share so many counters of writes: where two share one, a write of the one costs the other a read.
const COUNTERS: usize = 1 << 16;
/// So many events of what was computed anew may lie between the last read and the loss of the database; an instance counts
/// its own twice, since it hears of them too.
const SUPERSEDED: u64 = 8;
/// More writers than this in a moment are not remembered one by one.
const MAX_WRITERS: u64 = 100_000;

pub(super) struct Memory {
    documents: Cache<Slot, Arc<Entry>>,
    writers: sync::Cache<Scope, ()>,
    counters: Box<[Counter]>,
    hasher: RandomState,
}

/// How often a scope's documents ceased to be what they were.
#[derive(Default)]
struct Counter {
    writes: AtomicU64,
    recomputations: AtomicU64,
}

/// Where a document is kept until its scope is written or what was computed of it is computed anew; afterwards it has
/// another. So a write costs the same however much is kept, and whoever was reading meanwhile leaves what they read where
/// nobody looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    scope: Scope,
    document: Cow<'static, str>,
    /// How often its scope was written,
    writes: u64,
    /// and how often something of it was computed anew.
    recomputations: u64,
}

/// Each document says itself how long it is kept.
struct ItsOwnTime;

impl Expiry<Slot, Arc<Entry>> for ItsOwnTime {
    fn expire_after_create(&self, _: &Slot, entry: &Arc<Entry>, _: Instant) -> Option<Duration> {
        Some(entry.remaining())
    }

    fn expire_after_update(
        &self,
        _: &Slot,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.remaining())
    }
}

impl Memory {
    pub(super) fn new() -> Self {
        // What was written since is used no more: by recency it is the first to go.
        let documents = Cache::builder()
            .max_capacity(MAX_BYTES)
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|_, entry: &Arc<Entry>| entry.weight())
            .expire_after(ItsOwnTime)
            .build();
        let writers =
            sync::Cache::builder().max_capacity(MAX_WRITERS).time_to_live(super::REPLICA_LAG).build();
        let counters = (0..COUNTERS).map(|_| Counter::default()).collect();
        Self { documents, writers, counters, hasher: RandomState::new() }
    }

    /// Where the document is kept now.
    pub(super) fn slot(&self, key: &Key) -> Slot {
        let counter = self.counter(&key.scope);
        Slot {
            scope: key.scope.clone(),
            document: key.document.field(),
            writes: counter.writes.load(SeqCst),
            recomputations: counter.recomputations.load(SeqCst),
        }
    }

    pub(super) async fn get(&self, slot: &Slot) -> Option<Arc<Entry>> {
        self.documents.get(slot).await
    }

    /// What was kept there before something was computed anew: still the best there is where nothing newer can be had.
    /// Never what was there before a write.
    pub(super) async fn get_superseded(&self, slot: &Slot) -> Option<Arc<Entry>> {
        for back in 1..=SUPERSEDED {
            let recomputations = slot.recomputations.checked_sub(back)?;
            let found = self.documents.get(&Slot { recomputations, ..slot.clone() }).await;
            if found.is_some() {
                return found;
            }
        }
        None
    }

    pub(super) async fn put(&self, slot: Slot, entry: Entry) {
        self.documents.insert(slot, Arc::new(entry)).await;
    }

    /// Runs `read`, or waits for whoever runs it already for this slot.
    pub(super) async fn single_flight(
        &self,
        slot: Slot,
        read: impl Future<Output = Result<Entry, Problem>>,
    ) -> Result<Arc<Entry>, Problem> {
        let read = async { read.await.map(Arc::new) };
        self.documents.try_get_with(slot, read).await.map_err(|problem| Problem::clone(&problem))
    }

    /// Drops a scope's documents.
    pub(super) fn forget(&self, scope: &Scope) {
        self.counter(scope).writes.fetch_add(1, SeqCst);
        self.note_write(scope);
    }

    /// Serves a scope's documents no more, but where nothing newer can be had.
    pub(super) fn supersede(&self, scope: &Scope) {
        self.counter(scope).recomputations.fetch_add(1, SeqCst);
        self.note_write(scope);
    }

    /// Drops everything: events were missed.
    pub(super) fn forget_all(&self) {
        for counter in &self.counters {
            counter.writes.fetch_add(1, SeqCst);
        }
        self.documents.invalidate_all();
    }

    fn counter(&self, scope: &Scope) -> &Counter {
        &self.counters[self.hasher.hash_one(scope) as usize % COUNTERS]
    }

    pub(super) fn note_write(&self, scope: &Scope) {
        self.writers.insert(scope.clone(), ());
    }

    pub(super) fn wrote_recently(&self, scope: &Scope) -> bool {
        self.writers.contains_key(scope)
    }
}
