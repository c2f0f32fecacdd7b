//! What a value may be, apart from where it stands. None is returned for what is not of the kind.

use std::time::Duration;

use scaling::Dollars;

use super::tree::Value;

/// Text that is not empty.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A list of texts, not empty.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::List(list) if !list.is_empty() => list.iter().map(|node| text(&node.value)).collect(),
        _ => None,
    }
}

/// A number, with or without a fraction.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        _ => None,
    }
}

/// A count of instances.
pub(super) fn count(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(n) => u32::try_from(*n).ok(),
        _ => None,
    }
}

/// A time with its unit, such as "90s" or "1m 30s".
pub(super) fn duration(value: &Value) -> Option<Duration> {
    humantime::parse_duration(&text(value)?).ok()
}

/// An amount of money, as text or as a number. A number's shortest decimal form is what was written, so that it is
/// exact.
pub(super) fn dollars(value: &Value) -> Option<Dollars> {
    match value {
        Value::Text(text) => text.parse().ok(),
        Value::Integer(n) => n.to_string().parse().ok(),
        Value::Float(x) => x.to_string().parse().ok(),
        _ => None,
    }
}
