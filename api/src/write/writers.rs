//! Of one user's writes there is one at a time at an instance, and whoever waits for it has no connection meanwhile:
//! an instance has few, and one user's haste would take them from everybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio_util::task::TaskTracker;

use crate::auth::UserId;
use crate::problem::Problem;

/// Writes of a user at once, the one under way among them: a page that saves what was changed in it sends several.
/// Each has a place among the requests that are served.
const AT_ONCE: usize = 16;
/// How long a write waits for the others of its user.
const PATIENCE: Duration = Duration::from_secs(3);
/// When a user with too many writes at once may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long the end of the process waits for commits: as long as a statement may take.
const LAST_COMMITS: Duration = Duration::from_secs(10);

/// The writes under way at this instance.
#[derive(Default)]
pub struct Writers {
    queues: Arc<Queues>,
    commits: TaskTracker,
}

/// Whose writes wait or are under way; who has none is not there.
type Queues = Mutex<HashMap<UserId, Queue>>;

#[derive(Default)]
struct Queue {
    length: usize,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// The user's other writes wait until it is dropped.
pub(super) struct Turn {
    /// Given on before the place is given back.
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in a user's queue.
struct Place {
    user: UserId,
    queues: Arc<Queues>,
}

impl Writers {
    /// Waits until the user's other writes at this instance are done; an error where they are too many or too slow.
    pub(super) async fn turn(&self, user: &UserId) -> Result<Turn, Problem> {
        let (place, turn) = self.queue(user)?;
        let turn = tokio::time::timeout(PATIENCE, turn.lock_owned()).await;
        let turn = turn.map_err(|_elapsed| Problem::TooManyRequests { retry_after: RETRY_AFTER })?;
        Ok(Turn { _turn: turn, _place: place })
    }

    fn queue(&self, user: &UserId) -> Result<(Place, Arc<tokio::sync::Mutex<()>>), Problem> {
        let mut queues = lock(&self.queues);
        let queue = queues.entry(user.clone()).or_default();
        if queue.length >= AT_ONCE {
            return Err(Problem::TooManyRequests { retry_after: RETRY_AFTER });
        }
        queue.length += 1;
        Ok((Place { user: user.clone(), queues: Arc::clone(&self.queues) }, Arc::clone(&queue.turn)))
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

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = lock(&self.queues);
        match queues.get_mut(&self.user) {
            Some(queue) if queue.length > 1 => queue.length -= 1,
            _ => drop(queues.remove(&self.user)),
        }
    }
}

/// A panic while the lock was held cannot have left a length half written.
fn lock(queues: &Queues) -> MutexGuard<'_, HashMap<UserId, Queue>> {
    queues.lock().unwrap_or_else(PoisonError::into_inner)
}
