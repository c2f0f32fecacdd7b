//! The adapters on a transport that answers from memory: what is asked, and what is made of each answer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod fleet;
mod metrics;
mod targets;
mod transport;
