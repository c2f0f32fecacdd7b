//! Work that one instance does for all: fetching prices, and computing forecasts ahead of time.
//!
//! Whoever holds the lease does it; the others try to take it now and then, so that when the one stops another goes
//! on. Everything here may be done twice without harm, and what is still to do is in the database.

mod lease;
mod turns;

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::cache::Event;
use crate::portfolios::forecasts::due;
use crate::prices::{AnySource, Prices, keeper};
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
    let Some(lease) = Lease::take(&state.database).await? else { return Ok(()) };
    tracing::info!("this instance does the background work");
    let (found, fetched) = mpsc::channel(1);
    // Side by side: a source that is slow to answer must not hold up what users write.
    tokio::select! {
        () = fetch(state, source, prices_every, found) => Ok(()),
        outcome = work(state, lease, fetched) => outcome,
    }
}

/// Fetches prices, and again after every interval.
async fn fetch(state: &AppState, source: &AnySource, every: Duration, found: mpsc::Sender<Prices>) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        match keeper::fetch(state.database.primary(), source).await {
            // Nobody receives where the work has ended, and with it this.
            Ok(prices) => drop(found.send(prices).await),
            Err(error) => tracing::warn!(%error, "which prices are wanted cannot be read"),
        }
    }
}

async fn work(state: &AppState, mut lease: Lease, mut fetched: mpsc::Receiver<Prices>) -> anyhow::Result<()> {
    let mut events = state.cache.listen();
    let (mut rounds, mut looks) = (ticks(ROUND_EVERY), ticks(LOOK_EVERY));
    let mut is_due = true;
    loop {
        tokio::select! {
            // Never in the midst of a round: whoever has another forecast is told.
            () = state.draining.cancelled() => return Ok(()),
            Some(prices) = fetched.recv() => {
                keep(state, &mut lease, &prices).await?;
                is_due = true;
            }
            _ = rounds.tick(), if is_due => is_due = round(state, &mut lease).await?,
            _ = looks.tick() => is_due = true,
            event = events.recv() => match event {
                Ok(Event::Written(_)) | Err(RecvError::Lagged(_)) => is_due = true,
                Ok(Event::Forecasts(..) | Event::Prices(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Stores prices; when some changed tells everybody. Forecasts that rest on them are due then.
async fn keep(state: &AppState, lease: &mut Lease, prices: &Prices) -> anyhow::Result<()> {
    let changed = keeper::put(lease.connection(), prices).await?;
    due::mark_holders(lease.connection()).await?;
    if !changed.is_empty() {
        let prices = serde_json::to_string(&crate::public::all_prices(state.database.primary()).await?)?;
        state.cache.tell(Event::Prices(prices.into())).await;
    }
    Ok(())
}

/// Computes some of the forecasts that are due, and tells whoever has another one now; whether there may be more.
async fn round(state: &AppState, lease: &mut Lease) -> anyhow::Result<bool> {
    let round = turns::round(lease.connection()).await?;
    for (user, forecasts) in round.changed {
        let forecasts = serde_json::to_string(&forecasts)?;
        state.cache.tell(Event::Forecasts(user.into(), forecasts.into())).await;
    }
    Ok(!round.was_idle)
}
