//! The dashboards of all users as the API gave them, for the bare handler to return.

use std::path::Path;

use anyhow::{Context, Result};
use bytes::Bytes;

use crate::client::Connection;
use crate::requests::{Form, dashboard};

/// A tag as long as the API's.
pub(super) const TAG: &str = "W/\"00000000000000000000000000000000\"";

/// Bodies by user.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) plain: Vec<Bytes>,
    pub(super) zstd: Vec<Bytes>,
    /// The tags, which only the client needs.
    pub(super) tags: Vec<String>,
}

impl Answers {
    /// Asks the API on this port as each user.
    pub(super) fn fetch(port: u16, tokens: &[String]) -> Result<Self> {
        let mut connection = Connection::open(port)?;
        let mut answers = Self::default();
        for token in tokens {
            let plain = connection.ask(&dashboard(token, Form::Plain))?;
            answers.tags.push(plain.header("etag").context("a dashboard without a tag")?.to_owned());
            answers.plain.push(Bytes::copy_from_slice(plain.body));
            let zstd = connection.ask(&dashboard(token, Form::Zstd))?;
            answers.zstd.push(Bytes::copy_from_slice(zstd.body));
        }
        Ok(answers)
    }

    /// Writes the bodies, a file each.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        for (user, (plain, zstd)) in self.plain.iter().zip(&self.zstd).enumerate() {
            std::fs::write(folder.join(format!("{user}.json")), plain)?;
            std::fs::write(folder.join(format!("{user}.zst")), zstd)?;
        }
        Ok(())
    }

    /// Reads what [`Answers::save`] wrote.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let mut answers = Self::default();
        while let Ok(plain) = std::fs::read(folder.join(format!("{}.json", answers.plain.len()))) {
            answers.zstd.push(std::fs::read(folder.join(format!("{}.zst", answers.plain.len())))?.into());
            answers.plain.push(plain.into());
        }
        Ok(answers)
    }

    /// The mean size of a body, in bytes.
    pub(super) fn mean_bytes(bodies: &[Bytes]) -> f64 {
        bodies.iter().map(Bytes::len).sum::<usize>() as f64 / bodies.len().max(1) as f64
    }
}
