//! Deregistration: a draining target gets nothing new, finishes what it has, and is then reported as drained.

use std::time::Duration;

use tokio::{sync::watch, time::timeout};

/// Returns once nothing is in flight to the target, or the deregistration delay is over.
pub(crate) async fn drained(outstanding: &watch::Sender<usize>, deregistration_delay: Duration) {
    let mut count = outstanding.subscribe();
    // Either end of the wait means the same to the owner; the sender is borrowed, so it cannot be closed meanwhile.
    let _ = timeout(deregistration_delay, count.wait_for(|&count| count == 0)).await;
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    const DELAY: Duration = Duration::from_secs(45);

    #[tokio::test(start_paused = true)]
    async fn an_idle_target_is_drained_at_once() {
        let started = Instant::now();
        drained(&watch::Sender::default(), DELAY).await;
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_target_is_drained_when_its_last_request_ends() {
        let started = Instant::now();
        let outstanding = watch::Sender::new(2);
        let requests = async {
            for _ in 0..2 {
                sleep(Duration::from_secs(10)).await;
                outstanding.send_modify(|count| *count -= 1);
            }
        };
        tokio::join!(drained(&outstanding, DELAY), requests);
        assert_eq!(started.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_that_never_finishes_is_drained_after_the_delay() {
        let started = Instant::now();
        drained(&watch::Sender::new(1), DELAY).await;
        assert_eq!(started.elapsed().as_secs(), 45);
    }
}
