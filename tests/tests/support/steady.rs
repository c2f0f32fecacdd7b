//! A steady light load of each kind of request, and what became of each.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use super::ask::{Answer, ask};
use super::ground::User;

/// Ten a second of each kind.
const EVERY: Duration = Duration::from_millis(100);

/// How many new users there were. When all have been, the first are forgotten again: a dashboard is fresh for a minute.
static NEXT_NEW: AtomicUsize = AtomicUsize::new(0);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The dashboard of one of a few users: the caches have it.
    CachedDashboard,
    /// The dashboard of somebody new each time: it takes the database.
    NewDashboard,
    /// One portfolio, which nothing keeps.
    Read,
    /// A portfolio's new name.
    Write,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::CachedDashboard, Self::NewDashboard, Self::Read, Self::Write];

    /// The user whose turn it is at the nth request, apart from those of the other kinds. Whoever is new is so also to
    /// loads that went before: instances share what they keep.
    fn user(self, users: &[User], nth: usize) -> &User {
        match self {
            Self::CachedDashboard => &users[nth % 5],
            Self::Read => &users[5 + nth % 5],
            Self::Write => &users[10 + nth % 5],
            Self::NewDashboard => &users[15 + NEXT_NEW.fetch_add(1, Relaxed) % (users.len() - 15)],
        }
    }

    async fn ask(self, port: u16, user: &User) -> Answer {
        let portfolio = format!("/portfolios/{}", user.portfolio);
        match self {
            Self::CachedDashboard | Self::NewDashboard => {
                ask(port, "GET", "/dashboard", Some(user), "").await
            }
            Self::Read => ask(port, "GET", &portfolio, Some(user), "").await,
            Self::Write => ask(port, "PUT", &portfolio, Some(user), r#"{"name":"Renamed"}"#).await,
        }
    }
}

/// What was asked, and the answer once it is there.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub kind: Kind,
    pub asked: Instant,
    pub answer: Option<Answer>,
}

type Exchanges = Arc<Mutex<Vec<Exchange>>>;

/// Load that goes on until it is dropped. It does not wait for answers before it asks again.
pub struct Steady {
    exchanges: Exchanges,
    _asking: AbortOnDropHandle<()>,
}

impl Steady {
    /// At this port of loopback, as these users.
    pub fn start(port: u16, users: &[User]) -> Self {
        let exchanges = Exchanges::default();
        let asking = tokio::spawn(keep_asking(port, users.to_vec(), Arc::clone(&exchanges)));
        Self { exchanges, _asking: AbortOnDropHandle::new(asking) }
    }

    /// What was asked within this time, also what is not answered yet.
    pub fn within(&self, time: Range<Instant>) -> Vec<Exchange> {
        lock(&self.exchanges).iter().filter(|exchange| time.contains(&exchange.asked)).cloned().collect()
    }
}

async fn keep_asking(port: u16, users: Vec<User>, exchanges: Exchanges) {
    let users = Arc::new(users);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for nth in 0.. {
        ticks.tick().await;
        for kind in Kind::ALL {
            let (users, exchanges) = (Arc::clone(&users), Arc::clone(&exchanges));
            tokio::spawn(async move {
                let place = {
                    let mut exchanges = lock(&exchanges);
                    exchanges.push(Exchange { kind, asked: Instant::now(), answer: None });
                    exchanges.len() - 1
                };
                let answer = kind.ask(port, kind.user(&users, nth)).await;
                lock(&exchanges)[place].answer = Some(answer);
            });
        }
    }
}

fn lock(exchanges: &Mutex<Vec<Exchange>>) -> MutexGuard<'_, Vec<Exchange>> {
    exchanges.lock().unwrap_or_else(PoisonError::into_inner)
}
