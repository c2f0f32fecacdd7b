//! `controller history`: what was done, and when the mind was changed.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::time::Point;
use super::{Failure, chosen, table};
use crate::clock::{Clock, rfc3339};
use crate::config::Config;
use crate::journal::{Query, Reader, Record};

pub(super) async fn history(
    path: &Path,
    group: Option<String>,
    since: Point,
    json: bool,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let config = Config::load(path)?;
    let journal = Reader::open(&config.journal).await?;
    if let Some(group) = &group {
        chosen::require(&journal, group).await?;
    }
    let since = Some(since.unix_s(Clock::system()));
    let query = Query { group, since, turns: true, limit: u32::MAX, ..Query::default() };
    let mut records = journal.records(&query).await?;
    records.reverse();
    if json {
        for record in &records {
            writeln!(out, "{}", serde_json::to_string(record).map_err(anyhow::Error::from)?)?;
        }
    } else {
        let rows: Vec<_> = records.iter().map(row).collect();
        let headings = ["time", "group", "action", "desired", "reason", "outcome"];
        writeln!(out, "{}", table::render(headings, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(record: &Record) -> [String; 6] {
    let decision = &record.decision;
    let desired = match (decision.current, decision.desired) {
        (Some(from), Some(to)) if from != to => format!("{from} -> {to}"),
        (_, Some(to)) => to.to_string(),
        _ => "unknown".to_owned(),
    };
    [
        rfc3339(decision.at),
        record.group.clone(),
        decision.action.as_str().to_owned(),
        desired,
        decision.reason.as_str().to_owned(),
        record.outcome.as_ref().map(|outcome| outcome.result.clone()).unwrap_or_default(),
    ]
}
