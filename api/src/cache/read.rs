//! How a document is read: from memory, else from Redis, else from the database, by one reader for all who ask.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::memory::Slot;
use super::shared::{Found, Generation};
use super::{Cache, Entry, Key, Outcome};
use crate::problem::Problem;

impl Cache {
    /// The document under `key`, and where it came from. `load` reads it from the database when it has to be; it
    /// may run after this returns.
    pub async fn get<T, F>(
        self: &Arc<Self>,
        key: Key,
        load: impl FnOnce() -> F + Send + 'static,
    ) -> Result<(Arc<Entry>, Outcome), Problem>
    where
        T: Serialize,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let slot = self.memory.slot(&key);
        let kept = if self.hears_events() { self.memory.get(&slot).await } else { None };
        let (entry, outcome) = match kept {
            Some(entry) if entry.is_fresh() => (entry, Outcome::Memory),
            Some(entry) => {
                self.renew(&key, slot, &entry, load);
                (entry, Outcome::Stale)
            }
            // Boxed: every future around it would have room for it, some kilobytes, also for what memory has.
            None => Box::pin(self.fetch(&key, slot, load)).await?,
        };
        outcome.count(key.document.name());
        Ok((entry, outcome))
    }

    /// Reads it, with everybody else who asks for it now: from Redis, else from the database.
    async fn fetch<T, F>(
        self: &Arc<Self>,
        key: &Key,
        slot: Slot,
        load: impl FnOnce() -> F + Send + 'static,
    ) -> Result<(Arc<Entry>, Outcome), Problem>
    where
        T: Serialize,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let mut own = None;
        let before = slot.clone();
        let entry = self
            .memory
            .single_flight(slot, async {
                let read = self.read(key, load).await;
                let (entry, outcome) = self.or_superseded(read, &before).await?;
                own = Some(outcome);
                Ok(entry)
            })
            .await?;
        Ok((entry, own.unwrap_or(Outcome::Coalesced)))
    }

    /// Where the database is away: what this slot's document was before something in it was computed anew.
    async fn or_superseded(
        &self,
        read: Result<(Entry, Outcome), Problem>,
        slot: &Slot,
    ) -> Result<(Entry, Outcome), Problem> {
        if !(matches!(read, Err(Problem::DatabaseUnavailable(_))) && self.hears_events()) {
            return read;
        }
        let superseded = self.memory.get_superseded(slot).await;
        let kept = superseded.and_then(|entry| entry.kept_without_database());
        kept.map_or(read, |entry| Ok((entry, Outcome::Stale)))
    }

    async fn read<T, F>(
        &self,
        key: &Key,
        load: impl FnOnce() -> F + Send,
    ) -> Result<(Entry, Outcome), Problem>
    where
        T: Serialize,
        F: Future<Output = Result<T, Problem>> + Send,
    {
        let found = match &self.shared {
            Some(shared) => shared.get(key).await,
            None => Found::Silence,
        };
        let (entry, outcome) = match found {
            Found::Entry(entry) => (entry, Outcome::Redis),
            Found::Nothing { generation } => (self.load(key, load, Some(generation)).await?, Outcome::Miss),
            Found::Silence => (self.load(key, load, None).await?, Outcome::Bypass),
        };
        Ok((self.unless_deaf(entry), outcome))
    }

    async fn load<T, F>(
        &self,
        key: &Key,
        load: impl FnOnce() -> F + Send,
        generation: Option<Generation>,
    ) -> Result<Entry, Problem>
    where
        T: Serialize,
        F: Future<Output = Result<T, Problem>> + Send,
    {
        if generation.as_ref().is_some_and(Generation::is_recent) {
            self.memory.note_write(&key.scope);
        }
        let entry = match load().await {
            Ok(document) => Entry::new(Bytes::from(serde_json::to_vec(&document)?), key.document.ttl()),
            Err(Problem::NotFound(what)) => return Ok(Entry::absent(what)),
            Err(problem) => return Err(problem),
        };
        if let (Some(shared), Some(generation)) = (&self.shared, generation) {
            shared.put(key, &entry, &generation).await;
        }
        Ok(entry)
    }

    /// What was read while nobody would have told of a write serves those who wait for it and is not kept.
    fn unless_deaf(&self, entry: Entry) -> Entry {
        if self.hears_events() { entry } else { entry.not_to_be_kept() }
    }

    /// One reader renews a document that is past its time; the others go on using it.
    fn renew<T, F>(
        self: &Arc<Self>,
        key: &Key,
        slot: Slot,
        stale: &Arc<Entry>,
        load: impl FnOnce() -> F + Send + 'static,
    ) where
        T: Serialize,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        if !stale.claim_renewal() {
            return;
        }
        let (cache, key, stale) = (Arc::clone(self), key.clone(), Arc::clone(stale));
        tokio::spawn(async move {
            let generation = match &cache.shared {
                Some(shared) => shared.generation(&key).await,
                None => None,
            };
            let renewed = match cache.load(&key, load, generation).await {
                Ok(entry) => entry,
                Err(problem) => {
                    tracing::debug!(%problem, "a document was not renewed");
                    let Some(entry) = stale.kept_without_database() else { return };
                    entry
                }
            };
            cache.memory.put(slot, cache.unless_deaf(renewed)).await;
        });
    }
}
