//! All figures for other programs.

use anyhow::Result;
use serde::Serialize;

use super::Report;
use crate::compare::{Outcome, Tables};
use crate::learn::Bin;
use crate::replay::{Replay, Row};

#[derive(Serialize)]
struct Whole<'a> {
    traces: Vec<&'a str>,
    seeds: u64,
    variants: &'a [String],
    outcomes: &'a [Outcome],
    tables: &'a Tables,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Replayed<'a>>,
}

#[derive(Serialize)]
struct Replayed<'a> {
    days: f64,
    happened: &'a Outcome,
    believed_violations_percent: f64,
    instance_capacity_per_s: f64,
    curve: &'a [Bin],
    learned: Vec<String>,
    price_per_hour: String,
    rows: Vec<Money>,
}

/// A [`Row`], its amounts as text: decimal, as they are.
#[derive(Serialize)]
struct Money {
    policy: String,
    slow_minutes: f64,
    slow_requests_percent: f64,
    instance_hours: f64,
    cost: String,
    cost_a_month: String,
    saved_a_month: String,
}

/// The report as JSON; `variants` are the names of what differs from the standard world.
pub fn json(report: &Report, variants: &[String]) -> Result<String> {
    let whole = Whole {
        traces: report.plan.traces.iter().map(|trace| trace.name.as_str()).collect(),
        seeds: report.plan.seeds,
        variants,
        outcomes: report.outcomes,
        tables: report.tables,
        replay: report.replay.map(|replay| replayed(replay, report.outcomes)),
    };
    Ok(serde_json::to_string_pretty(&whole)?)
}

fn replayed<'a>(replay: &'a Replay, outcomes: &[Outcome]) -> Replayed<'a> {
    Replayed {
        days: replay.days,
        happened: &replay.happened,
        believed_violations_percent: replay.believed_violations_percent,
        instance_capacity_per_s: replay.learned.curve.capacity_per_s,
        curve: &replay.learned.curve.bins,
        learned: replay.learned.sentences(),
        price_per_hour: replay.price.to_string(),
        rows: replay.rows(outcomes).into_iter().map(money).collect(),
    }
}

fn money(row: Row) -> Money {
    Money {
        policy: row.label,
        slow_minutes: row.slow_minutes,
        slow_requests_percent: row.slow_requests_percent,
        instance_hours: row.instance_hours,
        cost: row.cost.to_string(),
        cost_a_month: row.cost_a_month.to_string(),
        saved_a_month: row.saved_a_month.to_string(),
    }
}
