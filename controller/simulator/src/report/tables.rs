//! The page's tables.

use super::svg::escaped;
use crate::compare::{Hindsight, LIMITS_PERCENT, OneSetting, Outcome, Plan, Tables};
use crate::family::Role;
use crate::measures::telling;

/// One setting for all traces, with a bar for each figure.
pub(super) fn one_setting(tables: &Tables, hero: &str) -> String {
    let most = tables.one_setting.iter().flat_map(|row| row.hours_at).flatten().fold(1.0, f64::max);
    let heads = LIMITS_PERCENT.map(|limit| format!("<th>at {limit} % violating minutes")).concat();
    let row = |row: &OneSetting| {
        let cells = row.hours_at.map(|hours| bar(hours, most)).concat();
        format!(
            "<tr class=\"{}\"><th>{}{cells}",
            class(row.family.name, row.family.role, hero),
            escaped(row.family.title)
        )
    };
    let rows = tables.one_setting.iter().map(row).collect::<Vec<_>>().concat();
    format!("<table class=bars><thead><tr><th>policy{heads}<tbody>{rows}</table>")
}

fn class(name: &str, role: Role, hero: &str) -> &'static str {
    match role {
        _ if name == hero => "hero",
        Role::Bound => "bound",
        Role::Record => "rival",
        Role::Ours | Role::Peer => "",
    }
}

fn bar(hours: Option<f64>, most: f64) -> String {
    match hours {
        None => "<td><span class=none>not reached</span>".to_owned(),
        Some(hours) => {
            let percent = 100.0 * hours / most;
            format!("<td><span class=bar style=\"--share:{percent:.1}%\"></span><b>{hours:.2}</b>")
        }
    }
}

/// The parameter tuned to each trace.
pub(super) fn hindsight(plan: &Plan, tables: &Tables, hero: &str) -> String {
    let heads =
        plan.traces.iter().map(|trace| format!("<th>{}", escaped(&trace.name))).collect::<Vec<_>>().concat();
    let cell = |hours: &[Option<f64>; 3]| format!("<td>{} / {}", figure(hours[0]), figure(hours[1]));
    let row = |row: &Hindsight| {
        let cells = row.hours_at.iter().map(cell).collect::<Vec<_>>().concat();
        format!(
            "<tr class=\"{}\"><th>{}{cells}",
            class(row.family.name, row.family.role, hero),
            escaped(row.family.title)
        )
    };
    let rows = tables.hindsight.iter().map(row).collect::<Vec<_>>().concat();
    format!("<table><thead><tr><th>policy{heads}<tbody>{rows}</table>")
}

fn figure(hours: Option<f64>) -> String {
    hours.map_or("–".to_owned(), |hours| format!("{hours:.2}"))
}

/// All figures of one policy.
pub(super) fn measures(plan: &Plan, outcome: &Outcome, class: &str) -> String {
    let columns = telling(outcome.traces.iter());
    let heads = columns.iter().map(|column| format!("<th>{}", column.title)).collect::<Vec<_>>().concat();
    let names = plan.traces.iter().map(|trace| trace.name.as_str()).chain(["mean"]);
    let rows = names.zip(outcome.traces.iter().chain([&outcome.mean])).map(|(name, measures)| {
        let cells = columns.iter().map(|column| format!("<td>{}", column.text(measures)));
        format!("<tr><th>{}{}", escaped(name), cells.collect::<Vec<_>>().concat())
    });
    format!(
        "<h3 class={class}>{} <code>{}</code></h3><table><thead><tr><th>trace{heads}<tbody>{}</table>",
        escaped(outcome.contender.family.title),
        escaped(&outcome.contender.label()),
        rows.collect::<Vec<_>>().concat()
    )
}
