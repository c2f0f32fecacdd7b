//! What the operator says, by flags and by the environment.
//!
//! Addresses hold passwords, so they have no readable `Debug`, are not parsed where a parser's error would quote
//! them, and the secret that signs tokens has no flag at all: a flag shows in the list of processes.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::HeaderValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::auth::{AccessTokens, JwtSecret};
use crate::cache::Cache;

/// ExStrat's dashboard backend.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How log lines look on standard error; `RUST_LOG` says how much (default: info)
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Human, global = true)]
    pub log_format: LogFormat,
}

/// The program's jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API. Needs `JWT_SECRET` (at least 32 bytes) in the environment
    Serve(ServeSettings),
    /// Create the tables and indexes that are absent; existing ones are left as they are
    Migrate(DatabaseSettings),
    /// Insert believable users; again does nothing more. Needs `JWT_SECRET` when it writes tokens
    Seed(SeedSettings),
    /// Say whether the configuration, the connections and the schema are fit for serving
    Check(CheckSettings),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// An address that may hold a password.
#[derive(Clone)]
pub struct SecretUrl(String);

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub struct DatabaseSettings {
    /// The primary: postgres://user:password@host:port/database?sslmode=verify-full
    #[arg(long = "database-url", env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub url: SecretUrl,
    /// A replica for the reads
    #[arg(
        long = "database-replica-url",
        env = "DATABASE_REPLICA_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub replica_url: Option<SecretUrl>,
    /// Connections to a server at most; one of them is for health checks
    #[arg(long, env = "POOL_SIZE", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub pool_size: u32,
}

/// Where the cache is.
#[derive(Clone, Debug, Args)]
pub struct CacheSettings {
    /// Redis, redis:// or rediss://; without it nothing is cached
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<SecretUrl>,
}

/// `api serve`
#[derive(Clone, Debug, Args)]
pub struct ServeSettings {
    /// Where to listen; port 0 takes a free one and prints it
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where the data is
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Where the cache is
    #[command(flatten)]
    pub cache: CacheSettings,
    /// This instance's name, for the log and the header Server-Instance
    #[arg(long, env = "INSTANCE_ID", value_name = "ID")]
    pub instance_id: Option<HeaderValue>,
    /// Threads that serve requests
    #[arg(long, env = "WORKER_THREADS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub worker_threads: u16,
    /// How long a request may take before it is answered 503
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "30s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub request_timeout: Duration,
    /// How long new requests are still taken after SIGTERM, while the readiness check already fails
    #[arg(long, env = "DRAIN_GRACE", default_value = "0s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub drain_grace: Duration,
    /// How long requests under way may still take after that
    #[arg(long, env = "DRAIN_TIMEOUT", default_value = "30s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub drain_timeout: Duration,
}

/// `api seed`
#[derive(Clone, Debug, Args)]
pub struct SeedSettings {
    /// Where the data is
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// How many users there shall be
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000), value_name = "N")]
    pub users: u32,
    /// Write a line a user: access token, tab, id of the default portfolio
    #[arg(long, value_name = "FILE")]
    pub tokens_out: Option<PathBuf>,
}

/// `api check`
#[derive(Clone, Debug, Args)]
pub struct CheckSettings {
    /// Where the data is
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Where the cache is
    #[command(flatten)]
    pub cache: CacheSettings,
}

impl CacheSettings {
    /// The cache that these settings describe. A Redis that is down is no error; an address that is none is.
    pub async fn open(&self) -> anyhow::Result<Cache> {
        let url = self.redis_url.as_ref().map(SecretUrl::as_str);
        Cache::connect(url).await.context(
            "REDIS_URL is not a Redis address; allowed is redis[s]://[:password@]host:port[/database]",
        )
    }
}

impl SecretUrl {
    /// The address, password and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(..)")
    }
}

/// Whom we believe, from the environment: `JWT_SECRET` signs and has no default; tokens that `JWT_SECRET_PREVIOUS`
/// signed are believed too, while the one replaces the other.
pub fn access_tokens() -> anyhow::Result<AccessTokens> {
    let previous = match std::env::var("JWT_SECRET_PREVIOUS") {
        Ok(secret) => Some(JwtSecret::new(secret).context("JWT_SECRET_PREVIOUS")?),
        Err(_unset) => None,
    };
    Ok(AccessTokens::new(&jwt_secret()?, previous.as_ref()))
}

fn jwt_secret() -> anyhow::Result<JwtSecret> {
    let Ok(secret) = std::env::var("JWT_SECRET") else {
        bail!(
            "JWT_SECRET is not set (or is not UTF-8); it needs at least 32 bytes (for example: openssl rand -hex 32)"
        );
    };
    JwtSecret::new(secret).context("JWT_SECRET")
}
