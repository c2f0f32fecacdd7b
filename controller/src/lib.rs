//! The controller: a daemon that keeps Auto Scaling groups at the size which their objective needs, and its
//! command line.
//!
//! ```text
//!   every tick:  observe ─▶ scaling::decide ─▶ journal ─▶ act ─▶ journal the outcome
//!                  │  ports: Metrics, Fleet       │  port: Journal
//!                CloudWatch, Auto Scaling       `SQLite`, or PostgreSQL with a lease
//! ```
//!
//! What is decided, and why, is the `scaling` crate's; what AWS is asked, the `aws` crate's. Here is when.

pub mod adapters;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod http;
pub mod journal;
pub mod ports;
pub mod telemetry;
