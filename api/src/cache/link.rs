//! The connection to Redis, and what is known about it. Requests never wait for a connection to be made:
//! while there is none they go past the cache, and one task at a time dials.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::time::Instant;

/// How long making a connection may take, name resolution and TLS included.
const DIAL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a Redis that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// One multiplexed connection that comes back.
pub(super) struct Link {
    client: Client,
    state: Arc<Mutex<State>>,
}

enum State {
    Up(MultiplexedConnection),
    Down { retry_at: Instant },
    Dialling,
}

impl Link {
    /// Dials once; whether that worked shows in [`Link::connection`].
    pub(super) async fn open(client: Client) -> Self {
        let state = match dial(&client).await {
            Ok(connection) => State::Up(connection),
            Err(error) => {
                tracing::warn!(error, "redis does not answer: requests go to the database");
                State::Down { retry_at: Instant::now() + PAUSE }
            }
        };
        Self { client, state: Arc::new(Mutex::new(state)) }
    }

    /// The connection, if there is one now; if not, and it is time, dialling begins.
    pub(super) fn connection(&self) -> Option<MultiplexedConnection> {
        let mut state = lock(&self.state);
        match &*state {
            State::Up(connection) => Some(connection.clone()),
            State::Dialling => None,
            State::Down { retry_at } if Instant::now() < *retry_at => None,
            State::Down { .. } => {
                *state = State::Dialling;
                tokio::spawn(redial(self.client.clone(), Arc::clone(&self.state)));
                None
            }
        }
    }

    /// Gives up the connection after a failure. Many requests may see the same failure; the first says so.
    pub(super) fn lost<T>(&self, error: &str) -> Option<T> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Up(_)) {
            *state = State::Down { retry_at: Instant::now() + PAUSE };
            tracing::warn!(error, "redis does not answer: requests go to the database");
        }
        None
    }
}

async fn redial(client: Client, state: Arc<Mutex<State>>) {
    let next = match dial(&client).await {
        Ok(connection) => {
            tracing::info!("redis answers again");
            State::Up(connection)
        }
        Err(_still_down) => State::Down { retry_at: Instant::now() + PAUSE },
    };
    *lock(&state) = next;
}

async fn dial(client: &Client) -> Result<MultiplexedConnection, String> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(DIAL_TIMEOUT));
    match tokio::time::timeout(DIAL_TIMEOUT, client.get_multiplexed_async_connection_with_config(&config))
        .await
    {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no connection within 1 s".to_owned()),
    }
}

/// A panic while the lock was held cannot have left the state half written.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
