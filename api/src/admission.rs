//! How many requests are served at once, and how many may wait: beyond that a request is refused at once, which is
//! cheap, instead of served late, which helps nobody and collapses everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use metrics::{counter, gauge};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::Problem;

/// When somebody who was refused may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How much is taken on.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// Requests served at once.
    pub at_once: usize,
    /// Requests that wait.
    pub queue: usize,
    /// How long each waits at most.
    pub patience: Duration,
}

/// The gate.
#[derive(Clone, Debug)]
pub struct Admission {
    name: &'static str,
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    capacity: Capacity,
}

impl Admission {
    /// A gate of this capacity; the metrics call it by its name.
    pub fn new(name: &'static str, capacity: Capacity) -> Self {
        let permits = Arc::new(Semaphore::new(capacity.at_once));
        none_shed_yet(name);
        Self { name, permits, waiting: Arc::default(), capacity }
    }

    /// Lets a request in, makes it wait, or refuses it. It is inside for as long as what is returned lives.
    pub async fn enter(&self) -> Result<SemaphorePermit<'_>, Problem> {
        match self.permits.try_acquire() {
            Ok(permit) => Ok(permit),
            Err(_full) => self.wait().await,
        }
    }

    async fn wait(&self) -> Result<SemaphorePermit<'_>, Problem> {
        let _place = self.place()?;
        match tokio::time::timeout(self.capacity.patience, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(shed(self.name)),
        }
    }

    fn place(&self) -> Result<Place<'_>, Problem> {
        let before = self.waiting.fetch_add(1, Relaxed);
        let place = Place(self);
        gauge!("api_queue_length", "gate" => self.name).set((before + 1) as f64);
        if before < self.capacity.queue { Ok(place) } else { Err(shed(self.name)) }
    }
}

/// A place in the queue, given back when the request is served, refused, or its client gone.
struct Place<'a>(&'a Admission);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let before = self.0.waiting.fetch_sub(1, Relaxed);
        gauge!("api_queue_length", "gate" => self.0.name).set((before - 1) as f64);
    }
}

/// Begins to count at this gate: a rate sees the first that is shed only where there was a number before.
pub(crate) fn none_shed_yet(gate: &'static str) {
    counter!("api_requests_shed_total", "gate" => gate).increment(0);
}

/// Refuses a request at this gate.
pub(crate) fn shed(gate: &'static str) -> Problem {
    counter!("api_requests_shed_total", "gate" => gate).increment(1);
    Problem::Overloaded { retry_after: RETRY_AFTER }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn gate(queue: usize, patience: Duration) -> Admission {
        Admission::new("test", Capacity { at_once: 1, queue, patience })
    }

    #[tokio::test]
    async fn who_waits_too_long_is_refused() {
        let gate = gate(1, Duration::ZERO);
        let _taken = gate.permits.try_acquire().unwrap();
        assert!(matches!(gate.wait().await, Err(Problem::Overloaded { .. })));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_a_place_is_given_back() {
        let gate = gate(1, Duration::from_hours(1));
        let taken = gate.permits.try_acquire().unwrap();
        let mut waiting = Box::pin(gate.wait());
        assert!((&mut waiting).now_or_never().is_none(), "one waits");
        assert!(
            matches!(gate.wait().now_or_never(), Some(Err(Problem::Overloaded { .. }))),
            "one more does not"
        );
        drop(waiting);
        assert_eq!(gate.waiting.load(Relaxed), 0, "who went away gave the place back");
        drop(taken);
        assert!(gate.wait().await.is_ok());
    }
}
