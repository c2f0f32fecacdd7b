//! What a fresh instance does before it says that it is ready: it makes sure that it can serve, and reads what
//! everybody asks for, so that its first requests are as quick as its later ones. Private documents are in Redis
//! already, from the other instances.

use std::time::Duration;

use axum::extract::State;

use crate::check;
use crate::portfolios::templates;
use crate::problem::Problem;
use crate::public;
use crate::state::AppState;

/// Caches that stay cold for longer keep nobody from being served.
const AT_MOST: Duration = Duration::from_secs(10);
/// How long after a failure the next attempt is made.
const PAUSE: Duration = Duration::from_millis(250);

/// Warms up, and says so. An instance that cannot serve is never ready: requests that it fails would go to others.
pub async fn run(state: AppState) {
    until_it_can_serve(&state).await;
    tell_of_too_little_room(&state).await;
    tell_of_missing_rights(&state).await;
    if tokio::time::timeout(AT_MOST, until_caches_are_warm(&state)).await.is_err() {
        tracing::warn!("the caches are not warm after 10 s; ready all the same");
    }
    state.warm.cancel();
}

/// Says why it cannot: once, and again when there is another reason.
async fn until_it_can_serve(state: &AppState) {
    let mut told = String::new();
    while let Err(error) = can_serve(state).await {
        let reason = format!("{error:#}");
        if reason == told {
            tracing::debug!(reason, "still not ready");
        } else {
            tracing::warn!(reason, "not ready");
        }
        told = reason;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether reads can be served: by the replica, or by the primary alone where there is none or it does not answer.
/// Without Redis they can, and with fewer connections than the pools may have.
async fn can_serve(state: &AppState) -> anyhow::Result<()> {
    state.database.check().await?;
    state.database.connect().await?;
    let mut connection = state.database.reads().acquire().await?;
    check::schema(&mut *connection).await?;
    // It may be the only one: who comes next finds it.
    connection.return_to_pool().await;
    Ok(())
}

/// It serves all the same: the fleet is seldom at its maximum, and an instance that refused because of what may happen
/// there would be missed now. `api check` is what refuses.
async fn tell_of_too_little_room(state: &AppState) {
    let primary = state.database.room_at_primary().await;
    let replica = state.database.room_at_replica().await.unwrap_or(Ok(()));
    for (server, room) in [("primary", primary), ("replica", replica)] {
        if let Err(error) = room {
            let error = format!("{error:#}");
            tracing::error!(server, error, "the fleet's connections do not fit the database");
        }
    }
}

/// It serves all the same: dashboards are most of what is asked for and need no such right, and if every instance of the
/// fleet refused nobody would have one. Where the primary does not answer nobody knows.
async fn tell_of_missing_rights(state: &AppState) {
    if let Err(error) = check::rights(state.database.primary()).await {
        let error = format!("{error:#}");
        tracing::warn!(error, "writes may fail, as far as the primary says");
    }
}

async fn until_caches_are_warm(state: &AppState) {
    while let Err(problem) = warm_caches(state).await {
        tracing::debug!(%problem, "not warm yet");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn warm_caches(state: &AppState) -> Result<(), Problem> {
    public::tokens(State(state.clone())).await?;
    public::prices(State(state.clone())).await?;
    templates::strategies(State(state.clone())).await?;
    templates::profit_taking(State(state.clone())).await?;
    Ok(())
}
