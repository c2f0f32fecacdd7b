//! The group that somebody named on the command line.

use anyhow::anyhow;

use super::Failure;
use crate::journal::Reader;

/// Refuses a group of which the journal has nothing: an empty answer would look like a quiet one.
pub(super) async fn require(journal: &Reader, group: &str) -> Result<(), Failure> {
    let known = journal.groups().await?;
    if known.iter().any(|name| name == group) {
        return Ok(());
    }
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(anyhow!("the journal has nothing of a group {group:?}; it knows: {known}").into())
}
