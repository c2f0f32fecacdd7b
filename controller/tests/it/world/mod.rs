//! A world in memory: a fleet behind a load balancer on virtual time, and a journal. Faults are switched on by the
//! tests that need them.

mod aws;
mod ledger;
mod office;
mod run;

pub use aws::{Cloud, Faults};
pub use ledger::Ledger;
pub use office::{Office, Seat};
pub use run::{GROUP, Running, config, config_of, failure};

/// The tests' time begins here: a whole minute, in 2027.
pub const EPOCH_S: f64 = 1_800_000_000.0;
