//! How many tokens a user may be the first to name: they stay for ever.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::lock;
use crate::auth::UserId;
use crate::problem::Problem;

/// So many at once, such as those of a first import,
const AT_ONCE: u32 = 250;
/// and then one every so often.
const EVERY: Duration = Duration::from_mins(1);

/// What each user has used of it: the generic cell rate algorithm, as of governor, which cannot say what is left without
/// taking it. Only what the database has committed is taken, so it is asked first and charged later; of one user's
/// writes there is one at a time, so nothing comes between.
#[derive(Default)]
pub(crate) struct NewTokens {
    /// When each user may name as many as ever again; who may now need not be there.
    whole_again: Mutex<HashMap<UserId, Instant>>,
}

impl NewTokens {
    /// How many the user may name now.
    pub(crate) fn left(&self, user: &UserId, now: Instant) -> u32 {
        let taken = self.recovery(user, now).as_nanos().div_ceil(EVERY.as_nanos());
        AT_ONCE.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX))
    }

    /// What the user is told where none is left.
    pub(crate) fn refusal(&self, user: &UserId, now: Instant) -> Problem {
        let retry_after = self.recovery(user, now).saturating_sub(EVERY * (AT_ONCE - 1));
        Problem::TooManyNewTokens { allowed: AT_ONCE, retry_after }
    }

    /// Takes those that the user has named.
    pub(crate) fn charge(&self, user: &UserId, count: u32, now: Instant) {
        if count > 0 {
            let whole_again = now + self.recovery(user, now) + EVERY * count;
            lock(&self.whole_again).insert(user.clone(), whole_again);
        }
    }

    /// Forgets those who may name as many as ever.
    pub(crate) fn tidy(&self, now: Instant) {
        lock(&self.whole_again).retain(|_, whole_again| *whole_again > now);
    }

    fn recovery(&self, user: &UserId, now: Instant) -> Duration {
        let whole_again = lock(&self.whole_again).get(user).copied();
        whole_again.map_or(Duration::ZERO, |whole_again| whole_again.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_one_a_minute() {
        let (limits, now) = (NewTokens::default(), Instant::now());
        let (alice, bob) = (UserId::of("alice"), UserId::of("bob"));
        assert_eq!(limits.left(&alice, now), 250);
        limits.charge(&alice, 200, now);
        limits.charge(&alice, 50, now);
        assert_eq!((limits.left(&alice, now), limits.left(&bob, now)), (0, 250));
        let soon = now + Duration::from_secs(20);
        let Problem::TooManyNewTokens { retry_after, .. } = limits.refusal(&alice, soon) else { panic!() };
        assert_eq!((limits.left(&alice, soon), retry_after), (0, Duration::from_secs(40)));
        assert_eq!(limits.left(&alice, now + Duration::from_mins(3)), 3);
        limits.tidy(now + Duration::from_mins(249));
        assert_eq!(limits.left(&alice, now + Duration::from_mins(249)), 249);
        limits.tidy(now + Duration::from_mins(250));
        assert!(lock(&limits.whole_again).is_empty());
    }
}
