//! What `replay` prints.

use std::fmt::Write;

use simulator::compare::Outcome;
use simulator::replay::{Replay, Row};

pub fn learned(replay: &Replay) -> String {
    let mut text = format!("{:.1} days of history", replay.days);
    // Writing to a string cannot fail.
    let _ = match replay.imputed {
        0 => writeln!(text, "."),
        minutes => writeln!(text, ", {minutes} minutes of them unknown and taken to be like those before."),
    };
    for sentence in replay.learned.sentences().into_iter().chain([replay.belief()]) {
        let _ = writeln!(text, "{sentence}");
    }
    text
}

pub fn rows(replay: &Replay, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "\nAt {} an instance-hour:\n{:<42}{:<24}{:>12}{:>10}{:>9}{:>12}{:>12}\n",
        replay.price, "", "", "slow minutes", "slow req", "hours", "a month", "saved"
    );
    for row in replay.rows(outcomes) {
        let _ = writeln!(text, "{}", line(&row));
    }
    text
}

fn line(row: &Row) -> String {
    format!(
        "{:<42}{:<24}{:>12.0}{:>10}{:>9.0}{:>12}{:>12}",
        row.title,
        row.label,
        row.slow_minutes,
        format!("{:.2} %", row.slow_requests_percent),
        row.instance_hours,
        row.cost_a_month.to_string(),
        row.saved_a_month.to_string(),
    )
}
