//! Work that one instance does for all: fetching prices, and computing forecasts ahead of time.
//!
//! Whoever holds the lease does it; the others try to take it now and then, so that when the one stops another goes
//! on. Everything here may be done twice without harm, and what is still to do is in the database.

mod lease;
mod turns;

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use crate::cache::Event;
use crate::portfolios::forecasts::due;
use crate::prices::{AnySource, keeper};
use crate::state::AppState;
use lease::Lease;

/// How often one that does not hold the lease tries to take it: after a crash nobody works for at most so long.
const TRY_EVERY: Duration = Duration::from_secs(3);
/// How often forecasts are worked off: writes within so long together, and some of what a change of prices means.
const ROUND_EVERY: Duration = Duration::from_millis(200);
/// How often marks are looked for of which no event told: Redis forgets what nobody hears, and without it nobody does.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Works whenever it may, until the process drains.
pub async fn run(state: AppState, source: AnySource, prices_every: Duration) {
    while !state.draining.is_cancelled() {
        if let Err(error) = lead(&state, &source, prices_every).await {
            tracing::warn!(error = format!("{error:#}"), "the background work stopped; it is tried again");
        }
        state.draining.run_until_cancelled(tokio::time::sleep(TRY_EVERY)).await;
    }
}

/// Works for as long as the lease holds; at once an end where somebody else has it.
async fn lead(state: &AppState, source: &AnySource, prices_every: Duration) -> anyhow::Result<()> {
    let Some(mut lease) = Lease::take(&state.database).await? else { return Ok(()) };
    tracing::info!("this instance does the background work");
    let mut events = state.cache.listen();
    let (mut prices, mut rounds, mut looks) =
        (interval(prices_every), interval(ROUND_EVERY), interval(LOOK_EVERY));
    for ticks in [&mut prices, &mut rounds, &mut looks] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let mut is_due = true;
    loop {
        tokio::select! {
            // Never in the midst of a round: whoever has another forecast is told.
            () = state.draining.cancelled() => return Ok(()),
            _ = prices.tick() => {
                let update = update_prices(state, source, &mut lease);
                match state.draining.run_until_cancelled(update).await {
                    None => return Ok(()),
                    Some(Ok(())) => is_due = true,
                    Some(Err(error)) => {
                        // A source that fails is no reason to give up the lease; a lost connection is.
                        lease.check().await?;
                        tracing::warn!(error = format!("{error:#}"), "the prices were not updated");
                    }
                }
            }
            _ = rounds.tick(), if is_due => is_due = round(state, &mut lease).await?,
            _ = looks.tick() => is_due = true,
            event = events.recv() => match event {
                Ok(Event::Written(_)) | Err(RecvError::Lagged(_)) => is_due = true,
                Ok(Event::Forecasts(_) | Event::Prices(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }
}

/// Fetches the prices; when some changed tells everybody. Forecasts that rest on them are due then.
async fn update_prices(state: &AppState, source: &AnySource, lease: &mut Lease) -> anyhow::Result<()> {
    let update = keeper::update(state.database.primary(), lease.connection(), source).await;
    due::mark_holders(lease.connection()).await?;
    let changed = update?;
    if !changed.is_empty() {
        let prices = serde_json::to_string(&crate::public::all_prices(state.database.primary()).await?)?;
        state.cache.tell(Event::Prices(prices.into())).await;
    }
    Ok(())
}

/// Computes some of the forecasts that are due, and tells whoever has another one now; whether there may be more.
async fn round(state: &AppState, lease: &mut Lease) -> sqlx::Result<bool> {
    let round = turns::round(lease.connection()).await?;
    for user in round.changed {
        state.cache.tell(Event::Forecasts(user.into())).await;
    }
    Ok(!round.was_idle)
}
