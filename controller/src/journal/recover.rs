//! Going on where a predecessor was stopped, at whatever instruction that was.

use scaling::{Datapoint, Observation, Policy, State, decide};

use super::{JournalError, Query, Record};

/// Datapoints older than this are of no use to a decision any more.
pub(super) const RECENT_S: f64 = 1_200.0;
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

/// A state, and the last decision that it holds.
pub(super) struct Snapshot {
    pub(super) state: State,
    pub(super) through_id: i64,
}

impl Recovery {
    /// The state as it was before the restart: the snapshot's, and what was decided since decided again.
    pub fn replay(&self, policy: &Policy) -> State {
        self.observations
            .iter()
            .fold(self.state.clone(), |state, observation| decide(policy, state, observation).1)
    }

    /// From a snapshot, and the observations after it and the recent ones before it by their ids, oldest first.
    pub(super) fn new(
        snapshot: Snapshot,
        observed: Vec<(i64, String)>,
        turns: Vec<Record>,
    ) -> Result<Self, JournalError> {
        let parse = |(id, text): (i64, String)| Ok((id, serde_json::from_str(&text)?));
        let recent: Vec<(i64, Observation)> =
            observed.into_iter().map(parse).collect::<Result<_, JournalError>>()?;
        let since = recent.iter().filter(|(id, _)| *id > snapshot.through_id);
        Ok(Self {
            state: snapshot.state,
            observations: since.map(|(_, observation)| observation.clone()).collect(),
            datapoints: recent.iter().flat_map(|(_, observation)| observation.datapoints.clone()).collect(),
            observed_at: recent.last().map(|(_, observation)| observation.at),
            turns,
        })
    }
}

impl Snapshot {
    /// From its row, if there is one.
    pub(super) fn of(group: &str, row: Option<(i64, String)>) -> Result<Self, JournalError> {
        let none = Self { state: State::default(), through_id: 0 };
        let Some((through_id, state)) = row else { return Ok(none) };
        match State::from_json(&state) {
            Ok(state) => Ok(Self { state, through_id }),
            Err(source @ scaling::StateError::Newer { .. }) => {
                Err(JournalError::State { group: group.to_owned(), source })
            }
            Err(error) => {
                // Losing it costs what was learned, never safety.
                tracing::warn!(group, %error, "starting without the last snapshot");
                Ok(none)
            }
        }
    }
}

/// The turns to be shown again.
pub(super) fn recent_turns(group: &str) -> Query {
    Query { limit: RECENT_TURNS, turns: true, ..Query::group(group) }
}
