//! What the fleet shares: a hash in Redis for each user, a field a document.
//!
//! The hash also holds a generation, which every write replaces when it drops the documents. Who stores a document
//! names the generation under which they read; if it is another by then, nothing is stored. All of it is one key, so
//! each script runs on one node of a cluster.

use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisResult};
use tracing::Instrument;

use super::REPLICA_LAG;
use super::connection::Connection;
use super::document::Key;
use super::entry::{Entry, now_ms};
use super::events::{Event, channel};
use super::link::Link;
use crate::settings::CacheSettings;
use crate::telemetry::redis_command;

/// Longer than any document is fresh.
pub(super) const HASH_TTL_MS: u64 = 15 * 60 * 1000;

const PUT: &str = "if (redis.call('HGET', KEYS[1], 'generation') or '') ~= ARGV[1] then return 0 end \
                   redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) \
                   redis.call('PEXPIRE', KEYS[1], ARGV[4]) \
                   return 1";
const FORGET: &str = "redis.call('DEL', KEYS[1]) \
                      redis.call('HSET', KEYS[1], 'generation', ARGV[1]) \
                      redis.call('PEXPIRE', KEYS[1], ARGV[2]) \
                      return redis.call('PUBLISH', ARGV[3], ARGV[4])";

pub(super) struct Shared {
    link: Link,
    /// How long Redis may take for one command.
    timeout: Duration,
    namespace: String,
}

/// What Redis said.
pub(super) enum Found {
    Entry(Entry),
    Nothing {
        generation: Generation,
    },
    /// It did not answer.
    Silence,
}

/// Names the last write: its time and a number that no other has; empty where there was none of late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation(String);

impl Generation {
    fn fresh() -> Self {
        Self(format!("{}-{:016x}", now_ms(), rand::random::<u64>()))
    }

    /// Whether a replica may not know of the write yet.
    pub(super) fn is_recent(&self) -> bool {
        let written_ms = self.0.split_once('-').and_then(|(written_ms, _)| written_ms.parse::<u64>().ok());
        written_ms.is_some_and(|written_ms| now_ms() < written_ms + REPLICA_LAG.as_millis() as u64)
    }
}

impl Shared {
    pub(super) async fn open(url: &str, settings: &CacheSettings) -> RedisResult<Self> {
        Ok(Self {
            link: Link::open(url, settings.redis_cluster, settings.redis_timeout).await?,
            timeout: settings.redis_timeout,
            namespace: settings.redis_namespace.clone(),
        })
    }

    pub(super) async fn get(&self, key: &Key) -> Found {
        let mut command = redis::cmd("HMGET");
        command.arg(key.scope.in_redis(&self.namespace)).arg("generation").arg(&*key.document.field());
        let Some((generation, held)) = self.ask::<(Option<String>, Option<Vec<u8>>)>(&command).await else {
            return Found::Silence;
        };
        match held.and_then(|held| Entry::decode(&held, key.document.ttl())) {
            Some(entry) => Found::Entry(entry),
            None => Found::Nothing { generation: Generation(generation.unwrap_or_default()) },
        }
    }

    pub(super) async fn generation(&self, key: &Key) -> Option<Generation> {
        let mut command = redis::cmd("HGET");
        command.arg(key.scope.in_redis(&self.namespace)).arg("generation");
        self.ask::<Option<String>>(&command).await.map(|held| Generation(held.unwrap_or_default()))
    }

    /// Stores a document, unless something was written since it was read.
    pub(super) async fn put(&self, key: &Key, entry: &Entry, generation: &Generation) {
        let Some(encoded) = entry.encode() else { return };
        let mut command = redis::cmd("EVAL");
        command.arg(PUT).arg(1).arg(key.scope.in_redis(&self.namespace));
        command.arg(&generation.0).arg(&*key.document.field()).arg(encoded).arg(HASH_TTL_MS);
        self.ask::<i64>(&command).await;
    }

    /// Drops the documents of the event's scope and tells every instance why; whether Redis took it.
    pub(super) async fn forget(&self, event: &Event) -> bool {
        let mut command = redis::cmd("EVAL");
        command.arg(FORGET).arg(1).arg(event.scope().in_redis(&self.namespace));
        command.arg(Generation::fresh().0).arg(HASH_TTL_MS).arg(channel(&self.namespace)).arg(event.encode());
        self.ask::<i64>(&command).await.is_some()
    }

    pub(super) fn answers(&self) -> bool {
        self.link.connection().is_some()
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let connection = self.link.connection()?;
        let query = async |mut connection: Connection| command.query_async::<T>(&mut connection).await;
        let answer = tokio::time::timeout(self.timeout, query(connection));
        match answer.instrument(redis_command(command)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => self.link.lost(&error.to_string()),
            Err(_) => self.link.late(),
        }
    }
}
