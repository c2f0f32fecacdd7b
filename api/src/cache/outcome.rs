//! Where a document came from.

use metrics::counter;

/// What the cache was worth to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This process had it.
    Memory,
    /// Redis had it.
    Redis,
    /// Past its time, and handed out while it is renewed.
    Stale,
    /// Somebody else was reading it already.
    Coalesced,
    /// Nobody had it: it was read from the database.
    Miss,
    /// There is no Redis, or it did not answer: it was read from the database.
    Bypass,
}

impl Outcome {
    /// As the header `Cache-Status` (RFC 9211) says it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Memory => "memory; hit",
            Self::Redis => "redis; hit",
            Self::Stale => "memory; hit; detail=stale",
            Self::Coalesced => "memory; fwd=uri-miss; collapsed",
            Self::Miss => "redis; fwd=uri-miss",
            Self::Bypass => "redis; fwd=bypass",
        }
    }

    pub(super) fn count(self, endpoint: &'static str) {
        counter!("api_cache_outcomes_total", "endpoint" => endpoint, "outcome" => self.label()).increment(1);
    }

    fn label(self) -> &'static str {
        match self {
            Self::Memory => "memory_hit",
            Self::Redis => "redis_hit",
            Self::Stale => "stale",
            Self::Coalesced => "coalesced",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}
