//! The controller's tests: the loop on paused time, the configuration, the journal, HTTP and the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::cast_possible_wrap,
    reason = "tests"
)]

mod cli;
mod config;
#[path = "../support/entries.rs"]
mod entries;
mod heartbeat;
mod http;
mod journal;
mod leadership;
mod log;
mod schema;
mod several_groups;
mod the_loop;
mod world;
