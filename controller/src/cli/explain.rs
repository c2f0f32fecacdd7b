//! `controller explain`: the decision in force at a time, told in full.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;

use super::time::Point;
use super::{Failure, chosen, prose};
use crate::clock::{Clock, rfc3339};
use crate::config::Config;
use crate::journal::{Query, Reader};

pub(super) async fn explain(
    path: &Path,
    group: Option<String>,
    at: Option<Point>,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let config = Config::load(path)?;
    let clock = Clock::system();
    let journal = Reader::open(&config.journal).await?;
    let until = at.map(|at| at.unix_s(clock));
    let groups = group.map_or_else(
        || config.groups.iter().map(|group| group.name().to_owned()).collect(),
        |group| vec![group],
    );
    let mut told = Vec::new();
    for group in &groups {
        chosen::require(&journal, group).await?;
        let query = Query { until, limit: 1, ..Query::group(group) };
        let record = journal.records(&query).await?.pop().ok_or_else(|| nothing(group, until))?;
        told.push(prose::tell(&record, clock.now()));
    }
    writeln!(out, "{}", told.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn nothing(group: &str, until: Option<f64>) -> anyhow::Error {
    let before = until.map(|at| format!(" up to {}", rfc3339(at))).unwrap_or_default();
    anyhow!("the journal has no decision of group {group}{before}")
}
