//! Who may ask how often, and have how much at once.

mod new_tokens;
mod places;

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

pub use places::{Place, Places};

use crate::auth::UserId;
use crate::field::Email;
use crate::problem::Problem;
use new_tokens::NewTokens;

/// Attempts to sign in or up with one address at once, and then one every so often: guessing passwords takes forever.
const SIGN_INS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const SIGN_IN_EVERY: Duration = Duration::from_secs(6);
/// WebSockets that a user may have open: a tab each, and no end of them would make each change of prices dear.
const WEBSOCKETS: u32 = 16;

/// How often a user may ask.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Requests a second, on average.
    pub per_second: NonZeroU32,
    /// Requests at once, after a silence.
    pub burst: NonZeroU32,
}

/// Counts by user and by email address (the generic cell rate algorithm). Each instance counts by itself, so the
/// fleet lets through as many times the limit as there are instances; the load balancer's rules are the outer fence.
pub struct Limits {
    clock: DefaultClock,
    users: DefaultKeyedRateLimiter<UserId>,
    sign_ins: DefaultKeyedRateLimiter<String>,
    /// Tokens that nobody has named before.
    pub(crate) new_tokens: NewTokens,
    websockets: Places,
}

impl Limits {
    /// Limits of this rate by user.
    pub fn new(rate: RateLimit) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let every = |period| Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self {
            clock: DefaultClock::default(),
            users: RateLimiter::keyed(quota),
            sign_ins: RateLimiter::keyed(every(SIGN_IN_EVERY).allow_burst(SIGN_INS)),
            new_tokens: NewTokens::default(),
            websockets: Places::new(WEBSOCKETS),
        }
    }

    /// Counts a request of this user.
    pub fn check_user(&self, user: &UserId) -> Result<(), Problem> {
        self.users.check_key(user).map_err(|not_until| self.refusal(&not_until))
    }

    /// Counts an attempt to sign in or up with this address.
    pub fn check_address(&self, email: &Email) -> Result<(), Problem> {
        let key = email.as_str().to_lowercase();
        self.sign_ins.check_key(&key).map_err(|not_until| self.refusal(&not_until))
    }

    /// Counts a WebSocket of this user for as long as the place is kept.
    pub fn open_websocket(&self, user: &UserId) -> Result<Place, Problem> {
        self.websockets.take(user).ok_or(Problem::TooManyWebSockets { allowed: WEBSOCKETS })
    }

    fn refusal(&self, not_until: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> Problem {
        Problem::TooManyRequests { retry_after: not_until.wait_time_from(self.clock.now()) }
    }

    /// Forgets those who have been silent long enough to have their whole burst again.
    pub fn tidy(&self) {
        self.users.retain_recent();
        self.sign_ins.retain_recent();
        self.new_tokens.tidy(Instant::now());
    }
}

/// A panic while the lock was held cannot have left anything half written: whatever is done meanwhile is one insertion or
/// one number.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_tried_ten_times_at_once() {
        let rate = RateLimit { per_second: NonZeroU32::MIN, burst: NonZeroU32::MIN };
        let limits = Limits::new(rate);
        let (alice, other) = (Email::new("Alice@example.com").unwrap(), Email::new("o@example.com").unwrap());
        for _ in 0..10 {
            assert!(limits.check_address(&alice).is_ok());
        }
        let again = limits.check_address(&Email::new("alice@EXAMPLE.com").unwrap());
        let Err(Problem::TooManyRequests { retry_after }) = again else { panic!("the eleventh is refused") };
        assert!(retry_after <= SIGN_IN_EVERY && retry_after > Duration::from_secs(4), "{retry_after:?}");
        assert!(limits.check_address(&other).is_ok());
    }
}
