//! `[[group.policy.calendar]]`: what the operator knows is coming.

use std::str::FromStr;

use scaling::{Entry, Weekday};

use super::section::Section;
use super::tree::Value;
use super::values::{count, number, text, texts};

/// One entry.
pub(super) fn entry(mut section: Section) -> Option<Entry> {
    let name = section.require("name", "what decisions are to call it", text);
    let days = section.take("days", DAYS, |value| texts(value)?.iter().map(|day| weekday(day)).collect());
    let dates = section.take("dates", "a list of dates such as [\"2026-12-24\"]", |value| {
        texts(value)?.iter().map(|date| date.parse().ok()).collect()
    });
    let from = section.require("from", TIME, written);
    let to = section.require("to", TIME, written);
    let utc_offset = section.take("utc_offset", "an offset from UTC such as \"+01:00\"", written);
    let min = section.take("min", "a number of instances", count);
    let requests_per_s = section.take("requests_per_s", "requests per second", number);
    let entry = from.zip(to).map(|(from, to)| Entry {
        name: name.unwrap_or_default(),
        days: days.unwrap_or_default(),
        dates: dates.unwrap_or_default(),
        from,
        to,
        utc_offset: utc_offset.unwrap_or_default(),
        min,
        requests_per_s,
    });
    if let Some(Err(error)) = entry.as_ref().map(Entry::check) {
        section.refuse_key(error.field, &error.allowed);
    }
    section.finish();
    entry
}

const DAYS: &str = "a list of \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\" and \"sun\"";
const TIME: &str = "a time from \"00:00\" to \"24:00\"";

fn weekday(text: &str) -> Option<Weekday> {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    names.into_iter().zip(Weekday::ALL).find_map(|(name, day)| (name == text).then_some(day))
}

/// Text in the form that its type is written in.
fn written<T: FromStr>(value: &Value) -> Option<T> {
    text(value)?.parse().ok()
}
