//! What the operator says, by flags and by the environment.
//!
//! Addresses hold passwords, so they have no readable `Debug`, are not parsed where a parser's error would quote
//! them, and the secret that signs tokens has no flag at all: a flag shows in the list of processes.

mod cache;
mod database;
mod duration;
mod load;
mod origin;
mod prices;
mod publish;
mod secret_url;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::HeaderValue;
use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use cache::CacheSettings;
pub use database::DatabaseSettings;
pub use load::LoadSettings;
pub use prices::PriceSettings;
pub use publish::PublishSettings;
pub use secret_url::SecretUrl;

use self::duration::{LONGEST, SHORTEST};
use crate::auth::{AccessTokens, JwtSecret};
use crate::router::RouterSettings;

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

impl Cli {
    /// What the command line and the environment say; ends the process where that makes no sense. A variable that is
    /// empty counts as absent, as files of variables leave those that are not meant.
    pub fn read() -> Self {
        let matches = without_empty(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

fn without_empty(command: clap::Command) -> clap::Command {
    let named = command.mut_args(|arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        if value.is_some_and(|value| value.is_empty()) { arg.env(Resettable::Reset) } else { arg }
    });
    named.mut_subcommands(without_empty)
}

/// A variable that has no flag; empty counts as absent here, too.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The program's jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API. Needs `JWT_SECRET` (at least 32 bytes) in the environment
    Serve(Box<ServeSettings>),
    /// Create the tables and indexes that are absent; existing ones are left as they are
    Migrate(DatabaseSettings),
    /// Insert believable users; again does nothing more. Needs `JWT_SECRET` when it writes tokens
    Seed(SeedSettings),
    /// Say whether the configuration, the connections and the schema are fit for serving
    Check(Box<ServeSettings>),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// `api serve`, and `api check`, which must find what would keep the other from serving
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
    /// How much is served
    #[command(flatten)]
    pub load: LoadSettings,
    /// Where prices come from
    #[command(flatten)]
    pub prices: PriceSettings,
    /// What is published
    #[command(flatten)]
    pub publish: PublishSettings,
    /// This instance's name, for the log and the header Server-Instance
    #[arg(long, env = "INSTANCE_ID", value_name = "ID")]
    pub instance_id: Option<HeaderValue>,
    /// Pages of these origins may use the API, with commas between, such as `https://app.example.com`
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',', value_parser = origin::parse, value_name = "ORIGINS")]
    pub cors_origins: Vec<HeaderValue>,
    /// Threads that serve requests
    #[arg(long, env = "WORKER_THREADS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub worker_threads: u16,
    /// How long a request may take before it is answered 503
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "30s", value_parser = duration::within(SHORTEST..=LONGEST), value_name = "DURATION")]
    pub request_timeout: Duration,
    /// How long new requests are still taken after SIGTERM, while the readiness check already fails
    #[arg(long, env = "DRAIN_GRACE", default_value = "0s", value_parser = duration::within(Duration::ZERO..=LONGEST), value_name = "DURATION")]
    pub drain_grace: Duration,
    /// How long requests under way may still take after that
    #[arg(long, env = "DRAIN_TIMEOUT", default_value = "30s", value_parser = duration::within(Duration::ZERO..=LONGEST), value_name = "DURATION")]
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

impl ServeSettings {
    /// What the router is told.
    pub fn router(&self) -> RouterSettings {
        RouterSettings {
            request_timeout: self.request_timeout,
            capacity: self.load.capacity(),
            instance_id: self.instance_id.clone(),
            cors_origins: self.cors_origins.clone(),
        }
    }
}

/// Whom we believe, from the environment: `JWT_SECRET` signs and has no default; tokens that `JWT_SECRET_PREVIOUS`
/// signed are believed too, while the one replaces the other.
pub fn access_tokens() -> anyhow::Result<AccessTokens> {
    let previous = match variable("JWT_SECRET_PREVIOUS") {
        Some(secret) => Some(JwtSecret::new(secret).context("JWT_SECRET_PREVIOUS")?),
        None => None,
    };
    Ok(AccessTokens::new(&jwt_secret()?, previous.as_ref()))
}

fn jwt_secret() -> anyhow::Result<JwtSecret> {
    let Some(secret) = variable("JWT_SECRET") else {
        bail!(
            "JWT_SECRET is not set (or is not UTF-8); it needs at least 32 bytes (for example: openssl rand -hex 32)"
        );
    };
    JwtSecret::new(secret).context("JWT_SECRET")
}
