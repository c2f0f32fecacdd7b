//! A document as it is kept.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderValue;
use bytes::Bytes;
use ring::digest::{SHA256, digest};

/// What is not there is remembered so long.
const ABSENT_TTL: Duration = Duration::from_secs(10);

/// While the database is away a document that is asked for lives on: from one failed renewal to the next, and so long
/// past its time at most, longer than a primary takes to be replaced. A write still drops it.
const KEPT_BETWEEN_RENEWALS: Duration = Duration::from_secs(30);
const KEPT_WITHOUT_DATABASE: Duration = Duration::from_mins(10);

/// A document, or that there is none, with its times. Times are Unix milliseconds, since instances share them.
#[derive(Debug)]
pub struct Entry {
    content: Content,
    fresh_until_ms: u64,
    /// From then on it is not handed out at all.
    kept_until_ms: u64,
    is_being_renewed: AtomicBool,
    /// The document in each of [`ENCODINGS`], once somebody has asked for it so.
    compressed: [OnceLock<Bytes>; ENCODINGS.len()],
}

/// In which a document leaves, beside as it is.
const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];

#[derive(Clone, Debug)]
enum Content {
    Document { json: Bytes, etag: String },
    Absent(&'static str),
}

impl Entry {
    /// A document that is fresh for 90 to 100 per cent of `ttl`, so that what was read together does not expire
    /// together, and that may be handed out for half as long again while it is renewed.
    pub(super) fn new(json: Bytes, ttl: Duration) -> Self {
        let fresh = ttl.mul_f64(rand::random_range(0.9..=1.0));
        Self::until(json, now_ms() + fresh.as_millis() as u64, ttl)
    }

    fn until(json: Bytes, fresh_until_ms: u64, ttl: Duration) -> Self {
        let etag = etag(&json);
        Self {
            content: Content::Document { json, etag },
            fresh_until_ms,
            kept_until_ms: fresh_until_ms + ttl.as_millis() as u64 / 2,
            is_being_renewed: AtomicBool::new(false),
            compressed: Default::default(),
        }
    }

    /// There is no such thing, and asking again at once would not find one.
    pub(super) fn absent(what: &'static str) -> Self {
        let until_ms = now_ms() + ABSENT_TTL.as_millis() as u64;
        Self {
            content: Content::Absent(what),
            fresh_until_ms: until_ms,
            kept_until_ms: until_ms,
            is_being_renewed: AtomicBool::new(false),
            compressed: Default::default(),
        }
    }

    /// The same for those who wait for it, and for nobody later.
    pub(super) fn not_to_be_kept(self) -> Self {
        Self { fresh_until_ms: 0, kept_until_ms: 0, ..self }
    }

    /// The same, fresh no more, for a little longer, to be renewed by somebody else; none where it is too old for that.
    pub(super) fn kept_without_database(&self) -> Option<Self> {
        let now_ms = now_ms();
        let is_too_old = now_ms > self.fresh_until_ms + KEPT_WITHOUT_DATABASE.as_millis() as u64;
        (!is_too_old).then(|| Self {
            content: self.content.clone(),
            fresh_until_ms: self.fresh_until_ms.min(now_ms),
            kept_until_ms: now_ms + KEPT_BETWEEN_RENEWALS.as_millis() as u64,
            compressed: self.compressed.clone(),
            is_being_renewed: AtomicBool::new(false),
        })
    }

    /// The document and its entity tag, or what there is none of.
    pub fn document(&self) -> Result<(&Bytes, &str), &'static str> {
        match &self.content {
            Content::Document { json, etag } => Ok((json, etag)),
            Content::Absent(what) => Err(what),
        }
    }

    /// The document in this encoding, if it left so before.
    pub fn compressed(&self, encoding: &HeaderValue) -> Option<Bytes> {
        self.place(encoding)?.get().cloned()
    }

    /// Keeps the document in this encoding.
    pub fn keep_compressed(&self, encoding: &HeaderValue, document: Bytes) {
        // Somebody may have been quicker, with the same bytes.
        let _ = self.place(encoding).map(|place| place.set(document));
    }

    fn place(&self, encoding: &HeaderValue) -> Option<&OnceLock<Bytes>> {
        ENCODINGS.iter().zip(&self.compressed).find(|(name, _)| encoding == **name).map(|(_, place)| place)
    }

    pub(super) fn is_fresh(&self) -> bool {
        now_ms() < self.fresh_until_ms
    }

    /// How long it may still be handed out.
    pub(super) fn remaining(&self) -> Duration {
        Duration::from_millis(self.kept_until_ms.saturating_sub(now_ms()))
    }

    /// Whether the caller is the one who renews it.
    pub(super) fn claim_renewal(&self) -> bool {
        !self.is_being_renewed.swap(true, Relaxed)
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn weight(&self) -> u32 {
        // With its name.
        const OVERHEAD: usize = 384;
        // Half as much again for its compressed forms, which come later.
        let bytes = self.document().map_or(0, |(json, _)| json.len() * 3 / 2) + OVERHEAD;
        bytes.try_into().unwrap_or(u32::MAX)
    }

    /// As Redis holds it: until when it is fresh, then the JSON.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let (json, _) = self.document().ok()?;
        Some([&self.fresh_until_ms.to_be_bytes()[..], json].concat())
    }

    /// From what Redis held; none where it is past its time.
    pub(super) fn decode(held: &[u8], ttl: Duration) -> Option<Self> {
        let (fresh_until_ms, json) = held.split_first_chunk::<8>()?;
        let entry = Self::until(Bytes::copy_from_slice(json), u64::from_be_bytes(*fresh_until_ms), ttl);
        entry.is_fresh().then_some(entry)
    }
}

/// A weak tag, since the same document leaves compressed or not.
pub(crate) fn etag(body: &[u8]) -> String {
    use std::fmt::Write;
    let hash = digest(&SHA256, body);
    hash.as_ref()[..16].iter().fold("W/\"".to_owned(), |mut tag, byte| {
        // Writing to a String does not fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    }) + "\""
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_mins(1);

    #[test]
    fn survives_redis() {
        let entry = Entry::new(Bytes::from_static(b"[1]"), TTL);
        let decoded = Entry::decode(&entry.encode().unwrap(), TTL).unwrap();
        assert_eq!(decoded.document(), entry.document());
        assert_eq!(decoded.fresh_until_ms, entry.fresh_until_ms);
    }

    #[test]
    fn lives_its_time_less_some_jitter_and_half_as_long_again() {
        for _ in 0..100 {
            let entry = Entry::new(Bytes::new(), TTL);
            let fresh_ms = entry.fresh_until_ms - now_ms();
            assert!((53_000..=60_000).contains(&fresh_ms), "{fresh_ms}");
            assert_eq!(entry.kept_until_ms - entry.fresh_until_ms, 30_000);
        }
    }

    #[test]
    fn what_is_past_its_time_is_not_read_from_redis() {
        let old = Entry::until(Bytes::from_static(b"[1]"), now_ms() - 1, TTL);
        assert!(Entry::decode(&old.encode().unwrap(), TTL).is_none());
        assert!(Entry::decode(b"short", TTL).is_none());
    }

    #[test]
    fn outlives_the_databases_absence_for_some_minutes() {
        let aged = |age: Duration| Entry::until(Bytes::new(), now_ms() - age.as_millis() as u64, TTL);
        let kept = aged(Duration::from_mins(9)).kept_without_database().unwrap();
        assert!(!kept.is_fresh() && !kept.remaining().is_zero());
        assert!(kept.claim_renewal(), "the next reader tries again");
        let young = Entry::new(Bytes::new(), TTL).kept_without_database().unwrap();
        assert!(!young.is_fresh() && !young.remaining().is_zero(), "something was computed anew since");
        assert!(aged(Duration::from_mins(11)).kept_without_database().is_none());
    }

    #[test]
    fn one_reader_renews() {
        let entry = Entry::new(Bytes::new(), TTL);
        assert_eq!([entry.claim_renewal(), entry.claim_renewal()], [true, false]);
        assert!(entry.not_to_be_kept().remaining().is_zero());
    }
}
