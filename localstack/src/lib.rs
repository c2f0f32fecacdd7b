//! ExStrat's AWS on one machine: LocalStack for AWS's APIs, real processes for its data plane.
//!
//! The extension inside LocalStack owns AWS's state; this crate runs what that state asks for (a process for each
//! instance, a load balancer, a database, a cache), reports what became of it, and publishes the metrics that AWS
//! would. Neither side keeps a second copy.

mod clients;
mod controller;
mod cpu;
mod data_plane;
pub mod demo;
mod fleet_count;
mod foundation;
mod host;
mod http;
mod leave;
mod local_cloud;
mod logs;
mod process;
mod provision;
mod publish;
mod publisher;
mod rebuild;
mod report;
mod seam;
mod seed;
mod services;
mod stack;
mod table;

pub use clients::{CREDENTIALS, REGION};
pub use controller::{Mode, Pace};
pub use cpu::used_s;
pub use fleet_count::FleetCount;
pub use host::Boot;
pub use local_cloud::{LocalCloud, Setup};
pub use logs::Logs;
pub use process::{Process, Spec};
pub use provision::{Chromium, Provisioned, Steps, Venv, cargo};
pub use publisher::Published;
pub use seam::{Instance, LifecycleState};
pub use seed::seed;
pub use services::{Cloud, Postgres, Redis, RedisCluster, Server};
pub use stack::{Size, Stack};
