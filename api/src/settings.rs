//! What the operator says, by flags and by the environment.
//!
//! Addresses hold passwords, so they have no readable `Debug`, are not parsed where a parser's error would quote
//! them, and the secret that signs tokens has no flag at all: a flag shows in the list of processes.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::HeaderValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::admission::Capacity;
use crate::auth::{AccessTokens, JwtSecret};
use crate::cache::Cache;
use crate::limits::RateLimit;
use crate::observed::CloudWatchSettings;
use crate::prices::{AnySource, CoinMarketCap, SimulatedMarket};
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
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

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
    #[arg(long, env = "STATEMENT_TIMEOUT", default_value = "10s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub statement_timeout: Duration,
}

/// Where the cache is.
#[derive(Clone, Debug, Args)]
pub struct CacheSettings {
    /// Redis, redis:// or rediss://; without it nothing is cached
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<SecretUrl>,
    /// The address is a cluster's: its nodes are asked which they are
    #[arg(long, env = "REDIS_CLUSTER", requires = "redis_url")]
    pub redis_cluster: bool,
    /// How long Redis may take for one command before it is left alone for a second
    #[arg(long, env = "REDIS_TIMEOUT", default_value = "50ms", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub redis_timeout: Duration,
    /// Begins every key and channel there; fleets with different data must not share one
    #[arg(long, env = "REDIS_NAMESPACE", default_value = "exstrat", value_name = "NAME")]
    pub redis_namespace: String,
}

/// How much is served, and how often one user may ask.
#[derive(Clone, Copy, Debug, Args)]
pub struct LoadSettings {
    /// Requests served at once
    #[arg(long, env = "MAX_CONCURRENT_REQUESTS", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "N")]
    pub max_concurrent_requests: u32,
    /// Requests that may wait; one more is answered 503 at once
    #[arg(long, env = "MAX_QUEUED_REQUESTS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(0..=1_000_000), value_name = "N")]
    pub max_queued_requests: u32,
    /// How long a request may wait before it is answered 503
    #[arg(long, env = "QUEUE_TIMEOUT", default_value = "2500ms", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub queue_timeout: Duration,
    /// Requests a second and user, on average, at this instance
    #[arg(long, env = "RATE_LIMIT_PER_S", default_value = "50", value_name = "N")]
    pub rate_limit_per_s: NonZeroU32,
    /// Requests of one user at once, after a silence
    #[arg(long, env = "RATE_LIMIT_BURST", default_value = "200", value_name = "N")]
    pub rate_limit_burst: NonZeroU32,
}

/// Where prices come from.
#[derive(Clone, Debug, Args)]
pub struct PriceSettings {
    /// How often the prices are fetched, by one instance
    #[arg(long, env = "PRICES_EVERY", default_value = "60s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub prices_every: Duration,
    /// CoinMarketCap, or what is compatible; used when `CMC_API_KEY` is set, which has no flag
    #[arg(long, env = "CMC_URL", default_value = "https://pro-api.coinmarketcap.com", value_name = "URL")]
    pub cmc_url: String,
    /// Decides the simulated market's prices, which are served without `CMC_API_KEY`
    #[arg(long, env = "MARKET_SEED", default_value_t = 1, value_name = "N")]
    pub market_seed: u64,
}

/// What is published to CloudWatch.
#[derive(Clone, Debug, Args)]
pub struct PublishSettings {
    /// Publish the dashboard's latency and demand every 10 s in this namespace
    #[arg(long, env = "CLOUDWATCH_NAMESPACE", value_name = "NAME")]
    pub cloudwatch_namespace: Option<String>,
    /// The value of the dimension Service there
    #[arg(long, env = "CLOUDWATCH_SERVICE", default_value = "exstrat-api", value_name = "NAME")]
    pub cloudwatch_service: String,
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
    Ok(Some(SecretUrl(text.trim().to_owned())))
}

impl ServeSettings {
    /// What the router is told.
    pub fn router(&self) -> RouterSettings {
        RouterSettings {
            request_timeout: self.request_timeout,
            capacity: self.load.capacity(),
            instance_id: self.instance_id.clone(),
        }
    }
}

impl LoadSettings {
    /// How often one user may ask.
    pub fn rate_limit(&self) -> RateLimit {
        RateLimit { per_second: self.rate_limit_per_s, burst: self.rate_limit_burst }
    }

    /// How much is served at once.
    pub fn capacity(&self) -> Capacity {
        Capacity {
            at_once: self.max_concurrent_requests as usize,
            queue: self.max_queued_requests as usize,
            patience: self.queue_timeout,
        }
    }
}

impl PriceSettings {
    /// The source that these settings and `CMC_API_KEY` describe.
    pub fn source(&self) -> anyhow::Result<AnySource> {
        match std::env::var("CMC_API_KEY") {
            Ok(key) => Ok(AnySource::CoinMarketCap(Box::new(CoinMarketCap::new(&self.cmc_url, key)?))),
            Err(_unset) => {
                tracing::warn!("CMC_API_KEY is not set: the prices are simulated");
                Ok(AnySource::Simulated(SimulatedMarket::new(self.market_seed)))
            }
        }
    }
}

impl PublishSettings {
    /// Where to publish, if anywhere.
    pub fn cloud_watch(&self) -> Option<CloudWatchSettings> {
        let namespace = self.cloudwatch_namespace.clone()?;
        Some(CloudWatchSettings { namespace, service: self.cloudwatch_service.clone() })
    }
}

impl CacheSettings {
    /// The cache that these settings describe. A Redis that is down is no error; an address that is none is.
    pub async fn open(&self) -> anyhow::Result<Arc<Cache>> {
        Cache::open(self).await.context(
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
