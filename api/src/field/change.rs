//! What a partial update does to a field that may be empty.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// An absent member keeps the value, `null` clears it, anything else sets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave what is there.
    #[default]
    Keep,
    /// Leave nothing.
    Clear,
    /// Put this.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field gets another value.
    pub fn is_made(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// The value that the field gets, if it gets one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Change_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Update {
        #[serde(default)]
        notes: Change<String>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let notes = |json| serde_json::from_str::<Update>(json).unwrap().notes;
        assert_eq!(notes("{}"), Change::Keep);
        assert_eq!(notes(r#"{"notes": null}"#), Change::Clear);
        assert_eq!(notes(r#"{"notes": "x"}"#), Change::Set("x".to_owned()));
    }
}
