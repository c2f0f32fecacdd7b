//! Addresses of electronic mail.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_BYTES: usize = 254;

/// An address as users type it: something, one `@`, something with a dot. Whether mail arrives, only mail tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes a text that looks like an address.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.split_once('@')?;
        let plain = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
        };
        let dotted = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
        (text.len() <= MAX_BYTES && plain(local) && plain(domain) && dotted).then(|| Self(text.to_owned()))
    }

    /// What is the same however it is typed.
    #[must_use]
    pub fn in_small_letters(&self) -> Self {
        Self(self.0.to_lowercase())
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("is not an address like name@example.com"))
    }
}

impl JsonSchema for Email {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "email", "maxLength": MAX_BYTES})
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn takes_what_looks_like_an_address() {
        for good in ["a@b.c", " first.last+tag@sub.example.com "] {
            assert!(Email::new(good).is_some(), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(250));
        for bad in ["", "a", "a@", "@b.c", "a@b", "a@b.", "a@@b.c", "a b@c.d", "a@b\0.c", &long] {
            assert!(Email::new(bad).is_none(), "{bad}");
        }
    }
}
