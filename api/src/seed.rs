//! `api seed`: users whom one can believe, for load tests and demonstrations.
//!
//! User number 7 is the same on every machine and in every version, and inserting it again changes nothing.
//! Nobody can sign in as a seeded user: their password matches nothing. Who holds the secret writes tokens instead.

mod catalogue;
mod chance;
mod insert;
mod plan;
mod rows;
mod trades;

pub(crate) use catalogue::{CatalogueToken, TOKENS};

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use time::OffsetDateTime;

use crate::auth::AccessTokens;
use crate::database::Database;
use crate::settings::{self, SeedSettings};

/// Users a transaction.
const BATCH: u32 = 500;

/// Inserts users 1 to N where they are absent, and writes their tokens if a file is named.
pub async fn run(settings: &SeedSettings) -> anyhow::Result<()> {
    let started = Instant::now();
    // First, so that a missing secret is told before any work.
    let tokens = match &settings.tokens_out {
        Some(file) => Some((file, settings::access_tokens()?)),
        None => None,
    };
    let database = Database::for_operator(&settings.database)?;
    let pool = database.primary();
    insert::templates(pool).await.context("the templates were not inserted")?;
    let token_ids = insert::tokens(pool).await.context("the tokens were not inserted")?;
    for first in (1..=settings.users).step_by(BATCH as usize) {
        let last = settings.users.min(first + BATCH - 1);
        insert::users(pool, first..=last, &token_ids)
            .await
            .with_context(|| format!("users {first} to {last} were not inserted"))?;
    }
    insert::analyze(pool).await?;
    if let Some((file, access_tokens)) = tokens {
        write_tokens(file, &access_tokens, settings.users)
            .with_context(|| format!("{} was not written", file.display()))?;
    }
    tracing::info!(users = settings.users, elapsed_s = started.elapsed().as_secs_f64(), "seeded");
    Ok(())
}

/// A line a user: token, tab, default portfolio. The file opens accounts, so only its owner may read it.
fn write_tokens(file: &Path, access_tokens: &AccessTokens, users: u32) -> anyhow::Result<()> {
    let now = OffsetDateTime::now_utc();
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    let mut lines = BufWriter::new(file);
    for number in 1..=users {
        let token = access_tokens.issue(&plan::user_id(number), &plan::email(number), now)?;
        writeln!(lines, "{token}\t{}", plan::portfolio_id(number, 1))?;
    }
    lines.flush()?;
    Ok(())
}
