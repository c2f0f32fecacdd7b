//! Redis.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::SecretUrl;
use super::duration::{self, LONGEST, SHORTEST};
use crate::cache::{self, Cache};

/// Where the cache is.
#[derive(Clone, Debug, Args)]
pub struct CacheSettings {
    /// Redis, redis:// or rediss://; of a cluster several nodes, with commas between; without it nothing is cached
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<SecretUrl>,
    /// The address is a cluster's: its nodes are asked which they are
    #[arg(long, env = "REDIS_CLUSTER", requires = "redis_url")]
    pub redis_cluster: bool,
    /// How long Redis may take for one command before it is left alone
    #[arg(long, env = "REDIS_TIMEOUT", default_value = "50ms", value_parser = duration::within(SHORTEST..=LONGEST), value_name = "DURATION")]
    pub redis_timeout: Duration,
    /// Begins every key and channel there; fleets with different data must not share one
    #[arg(long, env = "REDIS_NAMESPACE", default_value = "exstrat", value_name = "NAME")]
    pub redis_namespace: String,
}

impl CacheSettings {
    /// Dials Redis, where there is one to be dialled.
    ///
    /// # Errors
    /// It does not answer: says where it is, without the password, and why.
    pub async fn reach(&self) -> Option<anyhow::Result<()>> {
        let url = self.redis_url.as_ref()?.as_str();
        Some(cache::reach(url, self.redis_cluster).await)
    }

    /// The cache that these settings describe. A Redis that is down is no error; an address that is none is.
    pub async fn open(&self) -> anyhow::Result<Arc<Cache>> {
        Cache::open(self).await.context(cache::NO_ADDRESS)
    }
}
