//! The journal and the lease in PostgreSQL.
//!
//! `TEST_DATABASE_URL` names a server (as a superuser); the project's test command starts it. Each test has a database
//! of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp, reason = "tests")]

mod database;
#[path = "../support/entries.rs"]
mod entries;
mod journal;
mod lease;
mod takeover;
