//! `controller status`: each group's last decision, and whether the daemon runs.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::time::age;
use super::{Failure, table};
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{Query, Reader, Record};

pub(super) async fn status(path: &Path, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let config = Config::load(path)?;
    let journal = Reader::open(&config.journal).await?;
    let now = Clock::system().now();
    let mut rows = Vec::new();
    for group in &config.groups {
        let last = journal.records(&Query { limit: 1, ..Query::group(group.name()) }).await?.pop();
        rows.push(row(group.name(), last.as_ref(), now));
    }
    // The lock, or the lease, is the one proof of life that no crash leaves behind for long.
    let alive = journal.is_written().await?;
    writeln!(out, "controller {}\n", if alive { "runs" } else { "does not run" })?;
    let headings = ["group", "in service", "desired", "last decision", "reason", "age"];
    writeln!(out, "{}", table::render(headings, &rows))?;
    Ok(if alive { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(group: &str, last: Option<&Record>, now: f64) -> [String; 6] {
    let known = |n: Option<u32>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let Some(Record { decision, dry_run, .. }) = last else {
        return [group, "", "", "none yet", "", ""].map(str::to_owned);
    };
    [
        group.to_owned(),
        known(decision.inputs.in_service),
        known(decision.desired),
        format!("{}{}", decision.action.as_str(), if *dry_run { " (dry run)" } else { "" }),
        decision.reason.as_str().to_owned(),
        age(now - decision.at),
    ]
}
