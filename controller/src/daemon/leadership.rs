//! Whether this daemon leads: it acts, and the others stand by.
//!
//! The lease is asked for beside the loop, so that a tick that waits for AWS does not lose it. Its end is reckoned from
//! before it was asked for, so it never seems to last longer here than it does where it is kept. Without an answer it
//! runs out, and then nobody acts until somebody gets one.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::debug;

use super::outage::Outage;
use crate::ports::{Lease, Term};

/// How often the lease is asked for, by its holder and by those that stand by.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How much longer than a call to AWS a lease lasts: it may be asked for twice in vain before a call is held back.
const SPARE: Duration = Duration::from_secs(6);

/// Whether this daemon leads, and until when; clones are the same one.
#[derive(Clone, Debug)]
pub struct Leadership(watch::Receiver<Option<Held>>);

/// A term, and its end unless it lasts as long as the daemon.
#[derive(Clone, Copy, Debug)]
struct Held {
    term: Term,
    until: Option<Instant>,
}

/// How long a lease lasts so that a call of `call_timeout` fits into it.
pub fn lease_of(call_timeout: Duration) -> Duration {
    call_timeout + SPARE
}

impl Leadership {
    /// Of a daemon that is alone, for instance because it has the lock of its journal.
    pub fn sole() -> Self {
        Self(watch::channel(Some(Held { term: Term(0), until: None })).1)
    }

    /// That of whoever holds `lease`, which is asked for by the future that comes with it: to be spawned, it gives the
    /// lease back and ends when the last clone of the leadership is gone.
    pub fn by<L: Lease>(lease: L, lasts: Duration) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = watch::channel(None);
        (Self(receiver), ask(lease, lasts, sender))
    }

    /// The term that still lasts for `at_least`.
    pub fn term(&self, at_least: Duration) -> Option<Term> {
        let held = (*self.0.borrow())?;
        let ends = Instant::now() + at_least;
        held.until.is_none_or(|until| until > ends).then_some(held.term)
    }

    /// Waits until a term begins or ends.
    pub(super) async fn turn(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody asks, so nothing turns.
            pending::<()>().await;
        }
    }
}

async fn ask<L: Lease>(lease: L, lasts: Duration, held: watch::Sender<Option<Held>>) {
    let (began, mut outage) = (Instant::now(), Outage::grave());
    loop {
        let asked_at = Instant::now();
        let answer = lease.hold(lasts).await;
        outage.note("the lease", began.elapsed().as_secs_f64(), answer.as_ref().err());
        if let Ok(term) = answer {
            note(&held, term.map(|term| Held { term, until: Some(asked_at + lasts) }));
        }
        tokio::select! {
            () = sleep(ASK_EVERY) => {}
            () = held.closed() => break,
        }
    }
    if let Err(error) = lease.release().await {
        debug!(%error, "the lease is not given back; it runs out");
    }
}

/// A term that is prolonged is no turn.
fn note(held: &watch::Sender<Option<Held>>, now: Option<Held>) {
    held.send_if_modified(|before| {
        let term = |held: &Option<Held>| held.map(|held| held.term);
        let turned = term(before) != term(&now);
        *before = now;
        turned
    });
}
