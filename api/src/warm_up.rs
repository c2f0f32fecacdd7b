//! What a fresh instance does before it says that it is ready: it connects, and reads what everybody asks for, so
//! that its first requests are as quick as its later ones. Private documents are in Redis already, from the other
//! instances.

use std::time::Duration;

use futures::future::join_all;

use crate::portfolios::templates;
use crate::public;
use crate::state::AppState;

/// A database that does not answer keeps an instance from being ready by itself; warming up does not, for longer.
const AT_MOST: Duration = Duration::from_secs(10);
/// How long after a failure the next attempt is made.
const PAUSE: Duration = Duration::from_millis(250);

/// Warms up, and says so.
pub async fn run(state: AppState) {
    let warm = async {
        while let Err(problem) = attempt(&state).await {
            tracing::debug!(%problem, "not warm yet");
            tokio::time::sleep(PAUSE).await;
        }
    };
    if tokio::time::timeout(AT_MOST, warm).await.is_err() {
        tracing::warn!("not warm after 10 s; ready all the same");
    }
    state.warm.cancel();
}

async fn attempt(state: &AppState) -> Result<(), crate::problem::Problem> {
    for pool in [state.database.primary(), state.database.reads()] {
        let connections = (0..pool.options().get_max_connections()).map(|_| pool.acquire());
        join_all(connections).await.into_iter().collect::<sqlx::Result<Vec<_>>>()?;
    }
    public::tokens(axum::extract::State(state.clone())).await?;
    public::prices(axum::extract::State(state.clone())).await?;
    templates::strategies(axum::extract::State(state.clone())).await?;
    templates::profit_taking(axum::extract::State(state.clone())).await?;
    Ok(())
}
