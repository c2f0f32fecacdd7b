//! The simulated users: HTTP load as a scenario file describes it, and an honest account of what the users saw.
//!
//! An open loop lets users arrive by a schedule that does not wait for the server; a closed loop has a fixed number of
//! users who wait for each answer. A load's latency counts from the moment it was meant to start, so a server that
//! stalls is charged for those who would have come meanwhile ("coordinated omission" does not flatter it).
//!
//! Load goes to loopback only: [`BaseUrl`] accepts nothing else.

mod api;
mod arrivals;
mod dial;
mod input;
mod load;
mod log;
mod recorder;
mod report;
mod run;
mod scenario;
mod scenario_file;
mod timeline;
mod trace;
mod user;

pub use api::{BaseUrl, BaseUrlError};
pub use dial::RateDial;
pub use input::InputError;
pub use load::{Call, LoadKind};
pub use log::FiledBy;
pub use recorder::{Live, Recorder};
pub use report::{Report, Summary};
pub use run::{RunError, run};
pub use scenario::{ClosedEnd, ClosedLoop, Scenario, Shape};
pub use timeline::{Stage, Timeline};
pub use user::User;
