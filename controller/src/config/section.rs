//! Takes typed values out of one table of the tree, and says what is wrong with the rest of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::problem::Problem;
use super::tree::{Node, Origin, Value};
use super::values::{duration, text};

/// Names closer than this are offered as a correction (Jaro-Winkler similarity).
const ALIKE: f64 = 0.75;

/// One table. Each key that is asked for becomes a known one; [`finish`](Self::finish) refuses the others.
pub(super) struct Section<'a> {
    path: String,
    origin: &'a Origin,
    entries: Option<&'a BTreeMap<String, Node>>,
    known: Vec<&'static str>,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(node: &'a Node, path: String, problems: &'a RefCell<Vec<Problem>>) -> Self {
        let entries = match &node.value {
            Value::Table(entries) => Some(entries),
            found => {
                let message = format!("`{path}` is {found}; allowed: a table");
                problems.borrow_mut().push(Problem::new(&node.origin, message));
                None
            }
        };
        Self { path, origin: &node.origin, entries, known: Vec::new(), problems }
    }

    /// The table under `key`, if there is one.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        let (path, problems) = (self.full(key), self.problems);
        self.node(key).map(|node| Section::new(node, path, problems))
    }

    /// The tables of the list under `key`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let (path, problems) = (self.full(key), self.problems);
        match self.node(key) {
            Some(Node { value: Value::List(list), .. }) => list
                .iter()
                .enumerate()
                .map(|(index, node)| Section::new(node, format!("{path}[{index}]"), problems))
                .collect(),
            Some(node) => {
                self.refuse(node, key, &format!("tables, each headed [[{key}]]"));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The value under `key`, if it is there and `parse` takes it; `allowed` says what it would take.
    pub(super) fn take<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key)?;
        let value = parse(&node.value);
        if value.is_none() {
            self.refuse(node, key, allowed);
        }
        value
    }

    /// Like [`take`](Self::take), for a key that must be there.
    pub(super) fn require<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        if self.node(key).is_none() && self.entries.is_some() {
            self.report(format!("`{}` is missing; allowed: {allowed}", self.full(key)));
        }
        self.take(key, allowed, parse)
    }

    /// A time with its unit, within bounds.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        let written = |d: Duration| humantime::format_duration(d).to_string();
        let allowed =
            format!("a time from {} to {}, such as \"{}\"", written(least), written(most), written(least));
        self.take(key, &allowed, |value| duration(value).filter(|d| (least..=most).contains(d)))
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<String> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
        self.take(key, &words.join(" or "), |value| {
            let text = text(value)?;
            choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice)
        })
    }

    /// Says that the value under `key` is not allowed, for a reason that only the caller knows.
    pub(super) fn refuse_key(&self, key: &str, allowed: &str) {
        match self.entries.and_then(|entries| entries.get(key)) {
            Some(node) => self.refuse(node, key, allowed),
            None => self.report(format!("`{}` is missing; allowed: {allowed}", self.full(key))),
        }
    }

    /// The tables that the section stands in, itself the last.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Says something about the section as a whole.
    pub(super) fn report(&self, message: String) {
        self.problems.borrow_mut().push(Problem::new(self.origin, message));
    }

    /// Refuses the keys that nobody asked for.
    pub(super) fn finish(self) {
        for (key, node) in self.entries.into_iter().flatten() {
            if !self.known.contains(&key.as_str()) {
                let message = format!("unknown key `{}`; {}", self.full(key), self.advice(key));
                self.problems.borrow_mut().push(Problem::new(&node.origin, message));
            }
        }
    }

    fn advice(&self, key: &str) -> String {
        let likeness = |known: &&&str| strsim::jaro_winkler(key, known);
        let nearest = self.known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        match nearest.filter(|known| likeness(known) >= ALIKE) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("allowed: {}", self.known.join(", ")),
        }
    }

    fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries?.get(key)
    }

    fn refuse(&self, node: &Node, key: &str, allowed: &str) {
        let message = format!("`{}` is {}; allowed: {allowed}", self.full(key), node.value);
        self.problems.borrow_mut().push(Problem::new(&node.origin, message));
    }

    /// The key with the tables that it stands in.
    pub(super) fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
