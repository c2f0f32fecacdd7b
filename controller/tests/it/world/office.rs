//! A lease in memory, and daemons that share it with a cloud and a journal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controller::clock::Clock;
use controller::config::Config;
use controller::daemon::{Leadership, lease_of};
use controller::journal::JournalError;
use controller::ports::{Lease, Term};
use tokio::time::Instant;

use super::{Cloud, Ledger, Running};

/// Where the lease is kept, and what else several daemons share.
pub struct Office {
    pub cloud: Cloud,
    pub ledger: Ledger,
    pub clock: Clock,
    lease: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    holder: usize,
    term: i64,
    until: Option<Instant>,
}

/// One daemon's way to the lease.
#[derive(Clone)]
pub struct Seat {
    number: usize,
    lease: Arc<Mutex<Held>>,
    cut_off: Arc<AtomicBool>,
}

impl Office {
    pub fn new(clock: Clock, cloud: Cloud) -> Self {
        Self { cloud, ledger: Ledger::default(), clock, lease: Arc::default() }
    }

    /// One more daemon.
    pub async fn daemon(&self, number: usize, config: Config) -> (Running, Seat) {
        let seat = Seat { number, lease: self.lease.clone(), cut_off: Arc::default() };
        let (leadership, asking) = Leadership::by(seat.clone(), lease_of(config.aws.call_timeout));
        tokio::spawn(asking);
        let (cloud, ledger) = (self.cloud.clone(), self.ledger.clone());
        (Running::led_by(config, self.clock, cloud, ledger, false, leadership).await, seat)
    }
}

impl Seat {
    /// From now on the daemon and its lease do not reach each other.
    pub fn cut_off(&self) {
        self.cut_off.store(true, Ordering::Relaxed);
    }

    fn reach(&self) -> Result<std::sync::MutexGuard<'_, Held>, JournalError> {
        if self.cut_off.load(Ordering::Relaxed) {
            return Err(JournalError::Query(sqlx::Error::WorkerCrashed));
        }
        Ok(self.lease.lock().unwrap())
    }
}

impl Lease for Seat {
    async fn hold(&self, lasts: Duration) -> Result<Option<Term>, JournalError> {
        let (mut held, now) = (self.reach()?, Instant::now());
        let lives = held.until.is_some_and(|until| until > now);
        if lives && held.holder != self.number {
            return Ok(None);
        }
        let term = held.term + i64::from(!lives);
        *held = Held { holder: self.number, term, until: Some(now + lasts) };
        Ok(Some(Term(term)))
    }

    async fn release(&self) -> Result<(), JournalError> {
        let mut held = self.reach()?;
        if held.holder == self.number {
            held.until = None;
        }
        Ok(())
    }
}
