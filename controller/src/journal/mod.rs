//! The daemon's memory: what it observed, decided and did, and what it had learned.
//!
//! Each decision is written with its observation before it is acted on; a snapshot of the state every few minutes, and
//! the observations since, give back the state as it was. Anybody may read. Who writes is one daemon: on a `SQLite`
//! file whoever holds the lock beside it, in a PostgreSQL database whoever holds the lease in it.

mod error;
mod location;
pub mod postgres;
mod read;
mod record;
mod recover;
mod sql;
mod sqlite;

pub use error::JournalError;
pub use location::Location;
pub use postgres::{PostgresJournal, PostgresLease};
pub use read::{Query, Reader};
pub use record::{Entry, EntryId, Outcome, Record};
pub use recover::Recovery;
pub use sqlite::{SqliteJournal, is_locked};
