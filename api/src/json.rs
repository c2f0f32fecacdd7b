//! JSON columns, handed on as stored: their numbers never become floats.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::postgres::{PgTypeInfo, PgValueRef, Postgres};

/// A JSON value, unparsed.
#[derive(Clone, Debug)]
pub struct Stored(Box<RawValue>);

impl Stored {
    /// The value's text.
    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }
}

impl sqlx::Type<Postgres> for Stored {
    fn type_info() -> PgTypeInfo {
        <sqlx::types::Json<Box<RawValue>> as sqlx::Type<Postgres>>::type_info()
    }

    fn compatible(column: &PgTypeInfo) -> bool {
        <sqlx::types::Json<Box<RawValue>> as sqlx::Type<Postgres>>::compatible(column)
    }
}

impl<'r> sqlx::Decode<'r, Postgres> for Stored {
    fn decode(value: PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        // Said in full: beside SQLite's, which another crate may bring in, the database is not to be inferred.
        type Json = sqlx::types::Json<Box<RawValue>>;
        <Json as sqlx::Decode<Postgres>>::decode(value).map(|json| Self(json.0))
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Stored {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stored".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
}
