//! The connection to Redis, and what is known about it: a circuit breaker. Requests never wait for a connection to be
//! made: while there is none they go past the cache, and one task at a time finds out whether there can be one.
//!
//! The first command that is not answered in time opens it, or each request would wait for as long. Whether Redis is
//! silent or was late once, as anybody is who shares a processor, is found out at once, by one more question: if that
//! is answered, the pause was milliseconds. Where answers go on being late the benefit of the doubt is used up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::RedisResult;
use tokio::time::Instant;

use super::connection::{Connection, Server};

/// How long a Redis that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// How long after it was late, or away, being late counts as being away.
const PROBATION: Duration = Duration::from_secs(10);

/// One connection that comes back.
pub(super) struct Link {
    server: Server,
    state: Arc<Mutex<State>>,
    /// How long an answer may take.
    timeout: Duration,
}

enum State {
    Up {
        connection: Connection,
        on_probation_until: Instant,
    },
    Down {
        retry_at: Instant,
    },
    /// Somebody finds out.
    Unknown,
}

impl Link {
    /// Dials once; whether that worked shows in [`Link::connection`].
    pub(super) async fn open(url: &str, is_cluster: bool, timeout: Duration) -> RedisResult<Self> {
        let server = Server::at(url, is_cluster)?;
        let state = match server.dial().await {
            Ok(connection) => State::Up { connection, on_probation_until: Instant::now() },
            Err(error) => State::down(&error),
        };
        Ok(Self { server, state: Arc::new(Mutex::new(state)), timeout })
    }

    /// The connection, if there is one now; if not, and it is time, dialling begins.
    pub(super) fn connection(&self) -> Option<Connection> {
        let mut state = lock(&self.state);
        match &*state {
            State::Up { connection, .. } => Some(connection.clone()),
            State::Unknown => None,
            State::Down { retry_at } if Instant::now() < *retry_at => None,
            State::Down { .. } => {
                *state = State::Unknown;
                tokio::spawn(redial(self.server.clone(), Arc::clone(&self.state)));
                None
            }
        }
    }

    /// Gives up the connection after a failure. Many requests may see the same failure; the first says so.
    pub(super) fn lost<T>(&self, error: &str) -> Option<T> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Up { .. }) {
            *state = State::down(error);
        }
        None
    }

    /// An answer did not come in time: nobody asks any more until it is known whether others would.
    pub(super) fn late<T>(&self) -> Option<T> {
        let mut state = lock(&self.state);
        let State::Up { connection, on_probation_until } = &*state else { return None };
        if Instant::now() < *on_probation_until {
            *state = State::down("answers are late again");
        } else {
            let asked = ask(connection.clone(), self.timeout, Arc::clone(&self.state));
            *state = State::Unknown;
            tokio::spawn(asked);
        }
        None
    }
}

impl State {
    fn on_probation(connection: Connection) -> Self {
        Self::Up { connection, on_probation_until: Instant::now() + PROBATION }
    }

    fn down(error: &str) -> Self {
        tracing::warn!(error, "redis does not answer: requests go to the database");
        Self::Down { retry_at: Instant::now() + PAUSE }
    }
}

async fn redial(server: Server, state: Arc<Mutex<State>>) {
    let next = match server.dial().await {
        Ok(connection) => {
            tracing::info!("redis answers again");
            State::on_probation(connection)
        }
        Err(_still_down) => State::Down { retry_at: Instant::now() + PAUSE },
    };
    *lock(&state) = next;
}

/// Asks once more. Of a cluster all masters are asked.
async fn ask(mut connection: Connection, timeout: Duration, state: Arc<Mutex<State>>) {
    let ping = redis::cmd("PING");
    let answer = tokio::time::timeout(timeout, ping.exec_async(&mut connection)).await;
    let next = match answer {
        Ok(Ok(())) => State::on_probation(connection),
        Ok(Err(error)) => State::down(&error.to_string()),
        Err(_silence) => State::down("no answer in time"),
    };
    *lock(&state) = next;
}

/// A panic while the lock was held cannot have left the state half written.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
