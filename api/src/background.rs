//! Work that one instance does for all: fetching prices, and computing forecasts ahead of time.
//!
//! Whoever holds the lease does it; the others try to take it now and then, so that when the one stops another goes
//! on. Everything here may be done twice without harm.

mod lease;
mod pass;

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
use pass::Pass;

/// How often one that does not hold the lease tries to take it: after a crash nobody works for at most so long.
const TRY_EVERY: Duration = Duration::from_secs(3);
/// How often forecasts are worked off: writes within so long together, and some of what a change of prices means.
const ROUND_EVERY: Duration = Duration::from_millis(200);
/// Users whose forecasts are computed at once.
const USERS_AT_ONCE: usize = 500;

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
    let (mut written, mut pass) = (BTreeSet::new(), None);
    let (mut prices, mut rounds) = (interval(prices_every), interval(ROUND_EVERY));
    prices.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = prices.tick() => {
                if let Err(error) = update_prices(state, source, &mut lease).await {
                    // A source that fails is no reason to give up the lease; a lost connection is.
                    lease.check().await?;
                    tracing::warn!(error = format!("{error:#}"), "the prices were not updated");
                }
                // What changes during a pass has its turn after it.
                if pass.is_none() {
                    pass = Pass::begin(lease.connection()).await?;
                }
            }
            _ = rounds.tick(), if !written.is_empty() || pass.is_some() => {
                let mut users: Vec<String> = std::mem::take(&mut written).into_iter().collect();
                users.extend(turn(&mut pass, &mut lease).await?);
                compute(state, &mut lease, &users).await?;
            }
            event = events.recv() => match event {
                Ok(Event::Written(user)) => { written.insert(user.to_string()); }
                // Those that were missed are computed with the next prices.
                Ok(Event::Forecasts(..) | Event::Prices(_)) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }
}

/// Fetches the prices; when some changed tells everybody.
async fn update_prices(state: &AppState, source: &AnySource, lease: &mut Lease) -> anyhow::Result<()> {
    let changed = keeper::update(state.database.primary(), lease.connection(), source).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let prices = serde_json::to_string(&crate::public::all_prices(state.database.primary()).await?)?;
    state.cache.tell(Event::Prices(prices.into())).await;
    Ok(())
}

/// The next users of the pass that is on, if one is; after the last it is over.
async fn turn(pass: &mut Option<Pass>, lease: &mut Lease) -> sqlx::Result<Vec<String>> {
    let Some(ongoing) = pass else { return Ok(Vec::new()) };
    let users = ongoing.next(lease.connection()).await?;
    if users.is_empty() {
        *pass = None;
    }
    Ok(users)
}

/// Computes these users' forecasts; whoever has another one now is told.
async fn compute(state: &AppState, lease: &mut Lease, users: &[String]) -> anyhow::Result<()> {
    for users in users.chunks(USERS_AT_ONCE) {
        let mut transaction = lease.connection().begin().await?;
        let changed = refresh::users(&mut transaction, users).await?;
        transaction.commit().await?;
        for (user, forecasts) in changed {
            let forecasts = serde_json::to_string(&forecasts)?;
            state.cache.tell(Event::Forecasts(user.into(), forecasts.into())).await;
        }
    }
    Ok(())
}
