//! The environment's overrides: `CONTROLLER_AWS__ENDPOINT_URL` is `aws.endpoint_url`.
//!
//! They go into the same tree as the file's values, so a name that is unknown or a value that is out of range is
//! refused in the same words, and nothing is silently ignored.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::tree::{Node, Origin, Value};

/// Variables by name.
pub type Variables = BTreeMap<String, String>;

const PREFIX: &str = "CONTROLLER_";
/// Names the file itself, on the command line's behalf.
const CONFIG_PATH: &str = "CONTROLLER_CONFIG";

/// This process's variables that are meant for the controller.
pub(super) fn of_process() -> Variables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}

/// Puts the variables into the tree.
pub(super) fn apply(root: &mut Node, variables: &Variables) -> Vec<Problem> {
    variables
        .iter()
        .filter(|(name, _)| name.as_str() != CONFIG_PATH)
        .filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?.to_lowercase();
            put(root, &path, value, &Origin::Variable(name.clone())).err()
        })
        .collect()
}

fn put(root: &mut Node, path: &str, value: &str, origin: &Origin) -> Result<(), Problem> {
    let mut node = root;
    for key in path.split("__") {
        let Value::Table(table) = &mut node.value else {
            let message = format!("`{path}` cannot be set from the environment, only in the file");
            return Err(Problem::new(origin, message.replace("__", ".")));
        };
        node = table
            .entry(key.to_owned())
            .or_insert_with(|| Node { value: Value::Table(BTreeMap::new()), origin: origin.clone() });
    }
    *node = Node { value: scalar(value), origin: origin.clone() };
    Ok(())
}

/// Numbers are what reads as a number, as in the file without quotes.
fn scalar(value: &str) -> Value {
    let integer = value.parse().map(Value::Integer);
    let number = integer.or_else(|_| value.parse().map(Value::Float));
    number.unwrap_or_else(|_| Value::Text(value.to_owned()))
}
