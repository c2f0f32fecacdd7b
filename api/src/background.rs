//! Work that one instance does for all: fetching prices, and computing forecasts ahead of time.
//!
//! Whoever holds the lease does it; the others try to take it now and then, so that when the one stops another goes
//! on. Everything here may be done twice without harm.

mod lease;

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::Connection;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use crate::cache::Event;
use crate::portfolios::forecasts::refresh;
use crate::prices::{AnySource, keeper};
use crate::state::AppState;
use lease::Lease;

/// How often one that does not hold the lease tries to take it: after a crash nobody works for at most so long.
const TRY_EVERY: Duration = Duration::from_secs(3);
/// Writes within so long are worked off together.
const GATHER: Duration = Duration::from_millis(200);
/// Users whose forecasts are computed at once.
const USERS_AT_ONCE: u32 = 500;

/// Works whenever it may, until the process drains.
pub async fn run(state: AppState, source: AnySource, prices_every: Duration) {
    let draining = state.draining.clone();
    let work = async {
        loop {
            if let Err(error) = lead(&state, &source, prices_every).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the background work stopped; it is tried again"
                );
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    };
    draining.run_until_cancelled(work).await;
}

/// Works for as long as the lease holds; at once an end where somebody else has it.
async fn lead(state: &AppState, source: &AnySource, prices_every: Duration) -> anyhow::Result<()> {
    let Some(mut lease) = Lease::take(&state.database).await? else { return Ok(()) };
    tracing::info!("this instance does the background work");
    let mut events = state.cache.listen();
    let mut written = BTreeSet::new();
    let (mut prices, mut forecasts) = (interval(prices_every), interval(GATHER));
    prices.set_missed_tick_behavior(MissedTickBehavior::Delay);
    forecasts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = prices.tick() => {
                if let Err(error) = update_prices(state, source, &mut lease).await {
                    // A source that fails is no reason to give up the lease; a lost connection is.
                    lease.check().await?;
                    tracing::warn!(error = format!("{error:#}"), "the prices were not updated");
                }
            }
            _ = forecasts.tick(), if !written.is_empty() => {
                let users: Vec<String> = std::mem::take(&mut written).into_iter().collect();
                compute(state, &mut lease, &users).await?;
            }
            event = events.recv() => match event {
                Ok(Event::Written(user)) => { written.insert(user.to_string()); }
                // Those that were missed are computed with the next prices.
                Ok(Event::Prices(_)) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }
}

/// Fetches the prices; when some changed tells everybody, and computes the forecasts that rest on them.
async fn update_prices(state: &AppState, source: &AnySource, lease: &mut Lease) -> anyhow::Result<()> {
    let changed = keeper::update(state.database.primary(), lease.connection(), source).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let prices = serde_json::to_string(&crate::public::all_prices(state.database.primary()).await?)?;
    state.cache.tell(Event::Prices(prices.into())).await;
    let due = keeper::due_for_forecasts(lease.connection()).await?;
    let mut after = String::new();
    loop {
        let users = keeper::holders(lease.connection(), &due, &after, USERS_AT_ONCE).await?;
        let Some(last) = users.last() else { return Ok(()) };
        after.clone_from(last);
        compute(state, lease, &users).await?;
    }
}

/// Computes these users' forecasts; whoever has another one now is told.
async fn compute(state: &AppState, lease: &mut Lease, users: &[String]) -> anyhow::Result<()> {
    for users in users.chunks(USERS_AT_ONCE as usize) {
        let mut transaction = lease.connection().begin().await?;
        let changed: BTreeSet<String> = refresh::users(&mut transaction, users).await?.into_iter().collect();
        transaction.commit().await?;
        for user in changed {
            state.cache.tell(Event::Written(user.into())).await;
        }
    }
    Ok(())
}
