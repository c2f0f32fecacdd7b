//! Of one user's writes there is one at a time at an instance, and whoever waits for it has no connection meanwhile:
//! an instance has few, and one user's haste would take them from everybody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use crate::auth::UserId;
use crate::limits::{Place, Places};
use crate::problem::Problem;

/// Writes of a user at once, the one under way among them: a page that saves what was changed in it sends several.
/// Each has a place among the requests that are served.
const AT_ONCE: u32 = 16;
/// How long a write waits for the others of its user.
const PATIENCE: Duration = Duration::from_secs(3);
/// When a user with too many writes at once may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long the end of the process waits for commits: as long as a statement may take.
const LAST_COMMITS: Duration = Duration::from_secs(10);

/// The writes under way at this instance.
pub struct Writers {
    queues: Places<WhoseTurn>,
    commits: TaskTracker,
}

/// Locked by the write under way, of all of a user's.
type WhoseTurn = Arc<Mutex<()>>;

/// The user's other writes wait until it is dropped.
pub(super) struct Turn {
    /// Given on before the place is given back.
    _turn: OwnedMutexGuard<()>,
    _place: Place<WhoseTurn>,
}

impl Default for Writers {
    fn default() -> Self {
        Self { queues: Places::new(AT_ONCE), commits: TaskTracker::new() }
    }
}

impl Writers {
    /// Waits until the user's other writes at this instance are done; an error where they are too many or too slow.
    pub(super) async fn turn(&self, user: &UserId) -> Result<Turn, Problem> {
        const REFUSED: Problem = Problem::TooManyRequests { retry_after: RETRY_AFTER };
        let place = self.queues.take(user).ok_or(REFUSED)?;
        let turn = Arc::clone(place.shared()).lock_owned();
        let turn = tokio::time::timeout(PATIENCE, turn).await.map_err(|_elapsed| REFUSED)?;
        Ok(Turn { _turn: turn, _place: place })
    }

    /// Runs it to its end, also where nobody waits for that any more.
    pub(super) async fn see_through<T: Send + 'static>(
        &self,
        commit: impl Future<Output = sqlx::Result<T>> + Send + 'static,
    ) -> sqlx::Result<T> {
        self.commits.spawn(commit).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// Waits for commits whose requests are gone, so that the process does not end in their midst.
    pub async fn finish(&self) {
        self.commits.close();
        if tokio::time::timeout(LAST_COMMITS, self.commits.wait()).await.is_err() {
            tracing::warn!(commits = self.commits.len(), "commits are still under way");
        }
    }
}
