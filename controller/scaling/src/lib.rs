//! The decision core: how many instances a group should have, and why.
//!
//! [`decide`] is a pure function of the operator's [`Policy`], what has been learned so far ([`State`]) and what
//! is known now ([`Observation`]). It reads no clock, does no I/O and logs nothing, so the daemon, a simulator and
//! a test that replays last night's journal all run the very same decision.
//!
//! ```text
//! Observation ─▶ learn ─▶ candidates ─▶ arbiter ─▶ limits ─▶ Decision
//!                  │        forecast, feed_forward, latency_guard, zone_headroom, calendar, rules, target_tracking
//!                State (capacity, curve, boots, demand, budget, spending, settling)
//! ```

mod agreement;
mod arbiter;
mod back_off;
mod boots;
mod budget;
mod calendar;
mod candidate;
mod capacity;
mod civil;
mod curve;
mod decision;
mod demand;
mod economy;
mod forecast;
mod history;
mod level;
mod limits;
mod money;
mod narrate;
mod observation;
mod policy;
mod spending;
mod state;
mod trials;
mod what_if;

pub use boots::Boots;
pub use calendar::Entry;
pub use candidate::{Alarm, Candidate, Source, Why};
pub use capacity::Capacity;
pub use civil::{Date, TimeOfDay, UtcOffset, Weekday};
pub use decision::{Action, Decision, Inputs, Limit, LimitKind, Notice, Reason};
pub use money::Dollars;
pub use observation::{Datapoint, Fleet, Observation, Reading};
pub use policy::{Part, Parts, Pause, Policy, PolicyError, Settings, Strategy, Target};
pub use state::{SCHEMA, State, StateError};

/// Decides what the group's desired capacity should be at `observation.at`.
///
/// The returned state must be handed to the next call; losing it costs what was learned, never safety.
/// Any state is survived, also one that was damaged: the result stays within the group's bounds.
pub fn decide(policy: &Policy, mut state: State, observation: &Observation) -> (Decision, State) {
    let notices = state.learn(policy, observation);
    let decision = arbiter::arbitrate(policy, &mut state, observation, notices);
    state.remember(&decision);
    (decision, state)
}
