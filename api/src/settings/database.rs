//! The database's servers, and how much of them an instance may use.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::SecretUrl;
use super::duration::{self, LONGEST, SHORTEST};

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub struct DatabaseSettings {
    /// The primary: postgres://user:password@host:port/database?sslmode=verify-full
    #[arg(
        long = "database-url",
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        required_unless_present = "url_file"
    )]
    pub url: Option<SecretUrl>,
    /// A file with the primary's address; when it changes, new connections use what it says then
    #[arg(
        long = "database-url-file",
        env = "DATABASE_URL_FILE",
        value_name = "FILE",
        conflicts_with = "url"
    )]
    pub url_file: Option<PathBuf>,
    /// A replica for the reads
    #[arg(
        long = "database-replica-url",
        env = "DATABASE_REPLICA_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub replica_url: Option<SecretUrl>,
    /// A file with the replica's address, as the primary's
    #[arg(
        long = "database-replica-url-file",
        env = "DATABASE_REPLICA_URL_FILE",
        value_name = "FILE",
        conflicts_with = "replica_url"
    )]
    pub replica_url_file: Option<PathBuf>,
    /// Connections to a server at most; one of them is for health checks
    #[arg(long, env = "POOL_SIZE", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub pool_size: u32,
    /// Instances of the fleet at most; their pools together must fit the database
    #[arg(long, env = "FLEET_MAX", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub fleet_max: u32,
    /// How long a statement may take before the database cancels it
    #[arg(long, env = "STATEMENT_TIMEOUT", default_value = "10s", value_parser = duration::within(SHORTEST..=LONGEST), value_name = "DURATION")]
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// The primary's address as it is now.
    pub fn primary_address(&self) -> anyhow::Result<SecretUrl> {
        let address = address(self.url.as_ref(), self.url_file.as_deref())?;
        address.context("DATABASE_URL is not set")
    }

    /// The replica's address as it is now, where there is one.
    pub fn replica_address(&self) -> anyhow::Result<Option<SecretUrl>> {
        address(self.replica_url.as_ref(), self.replica_url_file.as_deref())
    }

    /// This database and nothing else.
    pub fn at(url: SecretUrl) -> Self {
        Self {
            url: Some(url),
            url_file: None,
            replica_url: None,
            replica_url_file: None,
            pool_size: 4,
            fleet_max: 1,
            statement_timeout: Duration::from_secs(10),
        }
    }
}

fn address(url: Option<&SecretUrl>, file: Option<&Path>) -> anyhow::Result<Option<SecretUrl>> {
    let Some(file) = file else { return Ok(url.cloned()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Some(SecretUrl::new(text.trim())))
}
