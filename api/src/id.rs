//! Ids, each tied to the kind of thing that it names, so that a holding's id cannot be passed for a portfolio's.

use std::fmt;
use std::marker::PhantomData;
use std::time::{SystemTime, UNIX_EPOCH};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest id that is looked up; the existing database's have 25 characters.
const MAX_CHARS: usize = 128;

/// A kind of thing that has ids.
pub trait Kind {
    /// As sentences name it: `Portfolio`.
    const NAME: &'static str;
    /// As paths name its id: `portfolioId`.
    const PARAMETER: &'static str;
}

/// The id of a `K`; whether there is one, and whose it is, the database says.
pub struct Id<K>(String, PhantomData<fn() -> K>);

/// A text that can be no id: empty, longer than 128 characters, or with a zero byte, which PostgreSQL cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an id")]
pub struct NotAnId;

impl<K> Id<K> {
    /// Takes a text that may be an id.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAnId> {
        let text = text.into();
        let fits = !text.is_empty() && text.len() <= MAX_CHARS && !text.contains('\0');
        fits.then_some(Self(text, PhantomData)).ok_or(NotAnId)
    }

    /// An id that nothing has yet, in the form of the existing ones: `c`, the time, chance; 25 characters, so that
    /// ids of the same moment lie together in an index.
    pub fn fresh() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = base36(since_epoch.as_millis(), 8);
        let chance = base36(rand::random::<u128>(), 16);
        Self(format!("c{time}{chance}"), PhantomData)
    }

    /// The id as the database knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The last `width` digits of a number, in base 36.
fn base36(mut number: u128, width: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = vec!['0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[(number % 36) as usize]);
        number /= 36;
    }
    digits.into_iter().collect()
}

// By hand, because derived ones would ask the same of `K`, which is only a name.

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({:?})", self.0)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<K> JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX_CHARS})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn fresh_ids_have_the_existing_form_and_differ() {
        let (one, other) = (Id::<Thing>::fresh(), Id::<Thing>::fresh());
        assert_ne!(one, other);
        assert!(one.as_str().starts_with('c') && one.as_str().len() == 25, "{one:?}");
        assert!(one.as_str().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }

    #[test]
    fn base36_counts() {
        assert_eq!(base36(35, 2), "0z");
        assert_eq!(base36(36 * 36 + 1, 2), "01", "only the last digits");
    }

    #[test]
    fn what_the_database_cannot_hold_is_no_id() {
        for text in ["", "a\0", &"x".repeat(129)] {
            assert_eq!(Id::<Thing>::new(text), Err(NotAnId), "{text:?}");
        }
        assert!(Id::<Thing>::new("x".repeat(128)).is_ok());
    }
}
