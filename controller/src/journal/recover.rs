//! Going on where a predecessor was stopped, at whatever instruction that was.

use scaling::{Datapoint, Observation, Policy, State, decide};
use sqlx::{Row, SqlitePool};

use super::read::{Query, records};
use super::{JournalError, Record};

/// Datapoints older than this are of no use to a decision any more.
const RECENT_S: f64 = 1_200.0;
/// Turns shown from before the restart.
const RECENT_TURNS: u32 = 50;

/// What a predecessor left of one group.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// Its state at the last snapshot; the default if there was none.
    pub state: State,
    /// What it observed since, in order.
    pub observations: Vec<Observation>,
    /// The datapoints that it knew, so that they are not taken for new ones.
    pub datapoints: Vec<Datapoint>,
    /// When it last observed the group, in Unix seconds.
    pub observed_at: Option<f64>,
    /// The latest decisions that acted or changed their reason, newest first.
    pub turns: Vec<Record>,
}

impl Recovery {
    /// The state as it was before the restart: the snapshot's, and what was decided since decided again.
    pub fn replay(&self, policy: &Policy) -> State {
        self.observations
            .iter()
            .fold(self.state.clone(), |state, observation| decide(policy, state, observation).1)
    }
}

pub(super) async fn recover(pool: &SqlitePool, group: &str, now: f64) -> Result<Recovery, JournalError> {
    let (state, through_id) = snapshot(pool, group).await?;
    let recent = observations(pool, group, through_id, now - RECENT_S).await?;
    let since = recent.iter().filter(|(id, _)| *id > through_id);
    Ok(Recovery {
        state,
        observations: since.map(|(_, observation)| observation.clone()).collect(),
        datapoints: recent.iter().flat_map(|(_, observation)| observation.datapoints.clone()).collect(),
        observed_at: recent.last().map(|(_, observation)| observation.at),
        turns: records(pool, &Query { limit: RECENT_TURNS, turns: true, ..Query::group(group) }).await?,
    })
}

async fn snapshot(pool: &SqlitePool, group: &str) -> Result<(State, i64), JournalError> {
    let row = sqlx::query("SELECT through_id, state FROM snapshot WHERE group_name = ?")
        .bind(group)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok((State::default(), 0)) };
    match State::from_json(row.try_get("state")?) {
        Ok(state) => Ok((state, row.try_get("through_id")?)),
        Err(source @ scaling::StateError::Newer { .. }) => {
            Err(JournalError::State { group: group.to_owned(), source })
        }
        Err(error) => {
            // Losing it costs what was learned, never safety.
            tracing::warn!(group, %error, "starting without the last snapshot");
            Ok((State::default(), 0))
        }
    }
}

/// The observations after `through_id`, and the recent ones before it, oldest first.
async fn observations(
    pool: &SqlitePool,
    group: &str,
    through_id: i64,
    since: f64,
) -> Result<Vec<(i64, Observation)>, JournalError> {
    let rows = sqlx::query(
        "SELECT id, observation FROM decision
         WHERE group_name = ?1 AND (id > ?2 OR at >= ?3) ORDER BY id",
    )
    .bind(group)
    .bind(through_id)
    .bind(since)
    .fetch_all(pool)
    .await?;
    let parse = |row: &sqlx::sqlite::SqliteRow| {
        Ok((row.try_get("id")?, serde_json::from_str(row.try_get("observation")?)?))
    };
    rows.iter().map(parse).collect()
}
