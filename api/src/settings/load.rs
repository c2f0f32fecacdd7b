//! How much is taken on, of all and of one.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use super::duration::{self, LONGEST, SHORTEST};
use crate::admission::Capacity;
use crate::limits::RateLimit;

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
    #[arg(long, env = "QUEUE_TIMEOUT", default_value = "2500ms", value_parser = duration::within(SHORTEST..=LONGEST), value_name = "DURATION")]
    pub queue_timeout: Duration,
    /// Requests a second and user, on average, at this instance
    #[arg(long, env = "RATE_LIMIT_PER_S", default_value = "50", value_name = "N")]
    pub rate_limit_per_s: NonZeroU32,
    /// Requests of one user at once, after a silence
    #[arg(long, env = "RATE_LIMIT_BURST", default_value = "200", value_name = "N")]
    pub rate_limit_burst: NonZeroU32,
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
