//! `--json FILE`: where the figures go.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub(crate) struct Figures {
    /// Write the figures to this file as JSON.
    #[arg(long = "json", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Figures {
    /// Said before a run and not minutes later. What the file holds stays until there are new figures.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn writable(&self) -> Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        File::options().create(true).append(true).open(path).map(drop).with_context(|| unwritable(path))
    }

    /// Writes the figures, if that was asked for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, figures: &impl Serialize) -> Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        std::fs::write(path, serde_json::to_vec_pretty(figures)?).with_context(|| unwritable(path))
    }
}

fn unwritable(path: &Path) -> String {
    format!("--json: {} cannot be written", path.display())
}
