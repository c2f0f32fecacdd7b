//! `CoinMarketCap`'s ids.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A token's id at `CoinMarketCap`: from 1. One that is not would spoil the whole batch that it is asked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct CmcId(i32);

impl CmcId {
    /// Takes a positive number.
    pub fn new(id: i32) -> Option<Self> {
        (id > 0).then_some(Self(id))
    }

    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl<'de> Deserialize<'de> for CmcId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = i64::deserialize(deserializer)?;
        i32::try_from(id)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| D::Error::custom(format!("is {id}; allowed is 1 to {}", i32::MAX)))
    }
}

impl JsonSchema for CmcId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CmcId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "format": "int32", "minimum": 1, "maximum": i32::MAX})
    }
}

#[cfg(test)]
mod tests {
    use super::CmcId;

    #[test]
    fn an_id_is_positive() {
        let read = |json: &str| serde_json::from_str::<CmcId>(json);
        assert_eq!(read("1027").unwrap().get(), 1027);
        for bad in ["0", "-5", "2147483648", "1.5", "null", "\"1\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
