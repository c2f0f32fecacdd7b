//! Values drawn from a JSON Schema, most of them as it asks for and some of them not.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

/// One value in so many is of another kind than its schema says.
const SPOILT: f64 = 0.05;
/// Schemas refer to each other; deeper than this the draw ends.
const DEPTH: u32 = 6;
/// Texts that have broken something somewhere before.
const TEXTS: [&str; 12] = [
    "",
    " ",
    "a",
    "Ünïcødé 🚀",
    "nul\u{0}nul",
    "'; DROP TABLE \"User\"; --",
    "../../etc/passwd",
    "2025-02-30",
    "0001-01-01T00:00:00Z",
    "99999-12-31",
    "%00",
    "a-main",
];
/// Numbers at the edges of what columns hold: 38 digits, 18 of them behind the point.
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "0.1",
    "100.00001",
    "2147483648",
    "9223372036854775808",
    "99999999999999999999.999999999999999999",
    "100000000000000000000",
    "0.0000000000000000001",
    "1e30",
    "-1e-30",
];

/// Draws, always the same from the same seed.
pub(crate) struct Draw<'a> {
    rng: StdRng,
    document: &'a Value,
}

impl<'a> Draw<'a> {
    /// From the schemas of this OpenAPI document.
    pub(crate) fn new(document: &'a Value, seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), document }
    }

    /// A value for this schema.
    pub(crate) fn value(&mut self, schema: &Value) -> Value {
        self.at(schema, 0)
    }

    /// As it goes into a path or a query.
    pub(crate) fn text(&mut self, schema: &Value) -> String {
        let text = match self.value(schema) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
    }

    /// Whether something happens that has this chance.
    pub(crate) fn happens(&mut self, chance: f64) -> bool {
        self.rng.random_bool(chance)
    }

    fn at(&mut self, schema: &Value, depth: u32) -> Value {
        if depth > DEPTH || self.happens(SPOILT) {
            return self.anything();
        }
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            let document = self.document;
            return self.at(document.pointer(pointer).expect("a reference leads somewhere"), depth + 1);
        }
        if let Some(choices) = ["anyOf", "oneOf", "enum"].iter().find_map(|key| schema[*key].as_array()) {
            let choice = choices.choose(&mut self.rng).cloned().unwrap_or_default();
            return if schema["enum"].is_array() { choice } else { self.at(&choice, depth + 1) };
        }
        match schema.get("const") {
            Some(value) => value.clone(),
            None => self.of_kind(schema, depth),
        }
    }

    fn of_kind(&mut self, schema: &Value, depth: u32) -> Value {
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        match kinds.choose(&mut self.rng).and_then(Value::as_str) {
            Some("object") => self.object(schema, depth),
            Some("array") => {
                let count = self.rng.random_range(0..4);
                (0..count).map(|_| self.at(&schema["items"], depth + 1)).collect()
            }
            Some("string") => json!(TEXTS.choose(&mut self.rng)),
            Some("number" | "integer") => self.number(),
            Some("boolean") => json!(self.happens(0.5)),
            Some("null") => Value::Null,
            _ => self.anything(),
        }
    }

    fn object(&mut self, schema: &Value, depth: u32) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            if self.happens(if required.contains(&json!(name)) { 0.97 } else { 0.6 }) {
                object.insert(name.clone(), self.at(member, depth + 1));
            }
        }
        if schema["additionalProperties"].is_object() {
            object.insert("h-ada".to_owned(), self.at(&schema["additionalProperties"], depth + 1));
        }
        object.into()
    }

    /// Not through a float: its digits are the point.
    fn number(&mut self) -> Value {
        let digits = NUMBERS.choose(&mut self.rng).unwrap_or(&"1");
        serde_json::from_str(digits).expect("a number")
    }

    fn anything(&mut self) -> Value {
        match self.rng.random_range(0..6) {
            0 => Value::Null,
            1 => json!(self.happens(0.5)),
            2 => self.number(),
            3 => json!(TEXTS.choose(&mut self.rng)),
            4 => json!([[[]]]),
            _ => json!({"": {}}),
        }
    }
}
