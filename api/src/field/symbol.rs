//! Tokens' symbols.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Text;

const MAX_CHARACTERS: usize = 32;

/// A token's symbol, in capitals: `btc` is `BTC`. 1 to 32 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Symbol(String);

impl Symbol {
    /// The symbol.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::<1, MAX_CHARACTERS>::deserialize(deserializer)?;
        if text.as_str().contains(char::is_control) {
            return Err(D::Error::custom("holds a control character"));
        }
        Ok(Self(text.as_str().to_uppercase()))
    }
}

impl JsonSchema for Symbol {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Symbol".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS})
    }
}

#[cfg(test)]
mod tests {
    use super::Symbol;

    #[test]
    fn a_symbol_is_in_capitals() {
        let read = |json: &str| serde_json::from_str::<Symbol>(json);
        assert_eq!(read("\" usdt.e \"").unwrap().as_str(), "USDT.E");
        for bad in ["\"\"", "\"a\\nb\"", "7", "\"123456789012345678901234567890123\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
