//! The Application Load Balancer's stand-in: a reverse proxy that routes by rule to the targets of target groups,
//! checks their health, drains them, and keeps the readings that a real ALB publishes to CloudWatch.
//!
//! It knows nothing of AWS. Its input is a [`Table`], replaced whole whenever the caller learns something new; its
//! outputs are [`Fact`]s about targets and the [`Readings`] of a period. The state of a target in the table is the
//! truth for routing: what a health check has just seen leaves as a fact and takes effect when it comes back in a table.
//!
//! With a [`Profile`], each instance is made as small as a small machine, because processes on one computer
//! are not computers.

mod balancer;
mod body;
mod drain;
mod exchange;
mod fact;
mod headers;
mod health;
mod idle;
mod lock;
mod machine;
mod matcher;
mod path_pattern;
mod profile;
mod proxy;
mod readings;
mod routes;
mod supervisor;
mod table;
mod tally;
mod tunnel;

pub use balancer::{Balancer, Settings};
pub use fact::{Fact, Health, UnhealthyReason};
pub use matcher::{Matcher, MatcherError};
pub use path_pattern::PathPattern;
pub use profile::{Profile, ProfileError};
pub use readings::{InstanceReading, LoadBalancerReading, Readings, TargetGroupReading};
pub use routes::TableError;
pub use table::{Algorithm, HealthCheck, Rule, Table, Target, TargetGroup, TargetState};
