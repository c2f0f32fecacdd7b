//! The configuration as written: a tree in which every value knows where it came from.

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The file as a whole.
    File,
    /// A line of it, the first being 1.
    Line(usize),
    /// An environment variable.
    Variable(String),
}

/// What was written.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    Text(String),
    Integer(i64),
    Float(f64),
    /// A TOML value that no key takes: a boolean or a date.
    Strange(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(_) => f.write_str("a table"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Float(x) => write!(f, "{x}"),
            Self::Strange(text) => f.write_str(text),
        }
    }
}

/// Parses TOML.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let lines = Lines(text);
    match DeTable::parse(text) {
        Ok(table) => {
            Ok(Node { value: Value::Table(lines.entries(table.into_inner())), origin: Origin::File })
        }
        Err(error) => {
            let origin = error.span().map_or(Origin::File, |span| lines.at(span.start));
            Err(Problem::new(&origin, format!("not valid TOML: {}", error.message())))
        }
    }
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn at(&self, offset: usize) -> Origin {
        let before = self.0.as_bytes().iter().take(offset);
        Origin::Line(1 + before.filter(|byte| **byte == b'\n').count())
    }

    fn entries(&self, table: DeTable<'_>) -> BTreeMap<String, Node> {
        table
            .into_iter()
            .map(|(key, value)| {
                let origin = self.at(key.span().start);
                let value = self.value(value.into_inner());
                (key.into_inner().into_owned(), Node { value, origin })
            })
            .collect()
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Node {
        let origin = self.at(value.span().start);
        Node { value: self.value(value.into_inner()), origin }
    }

    fn value(&self, value: DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
                .map_or_else(|_| Value::Strange(n.to_string()), Value::Integer),
            DeValue::Float(x) => {
                x.as_str().parse().map_or_else(|_| Value::Strange(x.to_string()), Value::Float)
            }
            DeValue::Boolean(b) => Value::Strange(b.to_string()),
            DeValue::Datetime(at) => Value::Strange(at.to_string()),
            DeValue::Array(list) => Value::List(list.into_iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.entries(table)),
        }
    }
}
