//! Texts of limited length.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What something is called: 1 to 200 characters.
pub type Name = Text<1, 200>;
/// What somebody wrote down: at most 10,000 characters, or none.
pub type Notes = Text<0, 10_000>;

/// A text of `MIN` to `MAX` characters, without surrounding white space and without a zero byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Too short or too long.
    #[error("has {found} characters; allowed are {min} to {max}")]
    Length {
        /// Characters found.
        found: usize,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// PostgreSQL's text cannot hold it.
    #[error("holds a zero byte")]
    ZeroByte,
}

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Takes a text, less the white space around it.
    pub fn new(text: &str) -> Result<Self, BadText> {
        let text = text.trim();
        if text.contains('\0') {
            return Err(BadText::ZeroByte);
        }
        match text.chars().count() {
            found if found < MIN || found > MAX => Err(BadText::Length { found, min: MIN, max: MAX }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Text_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": MIN, "maxLength": MAX})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_and_without_the_margin() {
        assert_eq!(Text::<1, 3>::new("  äöü ").unwrap().as_str(), "äöü");
        assert_eq!(Text::<1, 3>::new("   "), Err(BadText::Length { found: 0, min: 1, max: 3 }));
        assert_eq!(Text::<1, 3>::new("abcd"), Err(BadText::Length { found: 4, min: 1, max: 3 }));
        assert_eq!(Text::<0, 3>::new("a\0"), Err(BadText::ZeroByte));
    }
}
