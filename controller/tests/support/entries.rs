//! What journals are filled with, whichever keeps them.

use std::ops::Range;

use controller::journal::Entry;
use controller::ports::Journal;
use scaling::{Datapoint, Fleet, Observation, Policy, Settings, State, decide};

pub const EPOCH_S: f64 = 1_800_000_000.0;
pub const GROUP: &str = "web";

pub fn policy() -> Policy {
    Policy::try_from(Settings { instance_capacity_per_s: Some(20.0), ..Settings::default() }).unwrap()
}

/// The observation of a minute: a load that rises, so that there is something to decide and to learn.
fn observation(minute: u32) -> Observation {
    let at = EPOCH_S + f64::from(minute) * 60.0;
    let load = 20.0 + f64::from(minute) * 7.3;
    let datapoint = Datapoint {
        at: at - 120.0,
        period_s: 60.0,
        requests_per_s: Some(load),
        latency_p95_s: Some(0.31),
        samples: Some(load * 60.0),
        failed_per_s: Some(0.0),
        cpu_percent: Some(41.7),
        healthy: Some(4.0),
        ..Datapoint::default()
    };
    let fleet = Fleet { desired: 4, in_service: 4, pending: 0, min: 2, max: 20, boots_s: vec![77.7] };
    Observation { at, fleet: Some(fleet), datapoints: vec![datapoint] }
}

pub fn entry(minute: u32, state: State) -> (Entry, State) {
    let observation = observation(minute);
    let (decision, state) = decide(&policy(), state, &observation);
    let turn = minute.is_multiple_of(10);
    (Entry { group: GROUP.to_owned(), observation, decision, turn, dry_run: false }, state)
}

/// Decides on the minutes and journals them; gives the state after the last.
pub async fn live(journal: &impl Journal, mut state: State, minutes: Range<u32>) -> State {
    for minute in minutes {
        let (entry, next) = entry(minute, state);
        journal.record(&[entry]).await.unwrap();
        state = next;
    }
    state
}
