//! The idle timeout: time since data last moved in either direction between client and target.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Shared by everything that moves one exchange's data; each move postpones the timeout.
#[derive(Debug, Clone)]
pub(crate) struct IdleClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    last_move_ms: AtomicU64,
    limit: Duration,
}

impl IdleClock {
    pub(crate) fn start(limit: Duration) -> Self {
        Self(Arc::new(Inner { started: Instant::now(), last_move_ms: AtomicU64::new(0), limit }))
    }

    /// Data has moved.
    pub(crate) fn touch(&self) {
        self.0.last_move_ms.store(self.0.started.elapsed().as_millis() as u64, Relaxed);
    }

    /// Returns when nothing has moved for the limit.
    pub(crate) async fn expired(self) {
        while Instant::now() < self.due() {
            sleep_until(self.due()).await;
        }
    }

    fn due(&self) -> Instant {
        self.0.started + Duration::from_millis(self.0.last_move_ms.load(Relaxed)) + self.0.limit
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_move_postpones_the_timeout() {
        let started = Instant::now();
        let idle = IdleClock::start(Duration::from_mins(1));
        let mover = async {
            sleep(Duration::from_secs(50)).await;
            idle.touch();
        };
        tokio::join!(idle.clone().expired(), mover);
        assert_eq!(started.elapsed().as_secs(), 110);
    }
}
