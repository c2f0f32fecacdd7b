//! The time. Nothing else in this crate asks the system for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Unix time in seconds, and waiting for it.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Source);

#[derive(Clone, Copy, Debug)]
enum Source {
    /// The machine's. A virtual machine that was suspended, or whose clock was set, is right again at once.
    System,
    /// Counted from an instant of tokio's, so that a paused runtime pauses it too.
    Tokio { started_at: f64, since: Instant },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `unix_s` now and advances with tokio's.
    pub fn starting_at(unix_s: f64) -> Self {
        Self(Source::Tokio { started_at: unix_s, since: Instant::now() })
    }

    /// Unix time in seconds.
    pub fn now(&self) -> f64 {
        match self.0 {
            Source::System => {
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
            }
            Source::Tokio { started_at, since } => started_at + since.elapsed().as_secs_f64(),
        }
    }

    /// Waits until the clock shows `unix_s`, by today's reckoning.
    pub async fn sleep_until(&self, unix_s: f64) {
        let wait_s = (unix_s - self.now()).max(0.0);
        tokio::time::sleep(Duration::from_secs_f64(wait_s)).await;
    }
}

/// The instant as people and logs write it: RFC 3339 in UTC, to the second.
pub fn rfc3339(unix_s: f64) -> String {
    jiff::Timestamp::from_second(unix_s.floor() as i64)
        .map_or_else(|_| format!("{unix_s} s"), |timestamp| timestamp.to_string())
}
