//! Fleets on virtual time: the world that scaling policies are compared in.
//!
//! ```text
//! Trace ─▶ Workload ─▶ simulate ─▶ Run ─▶ Measures
//!              │      │  engine (fluid)        ▲
//!              │      │  fleet, publisher      │
//!              │      └─ policy (peers, ours)  │
//!              └───────────▶ Oracle ───────────┘
//! ```
//!
//! Everything is seeded and deterministic: the same trace, plant, policy and seed give the same figures.

pub mod compare;
pub mod engine;
pub mod family;
pub mod fleet;
pub mod history;
pub mod learn;
pub mod measures;
pub mod oracle;
pub mod plant;
pub mod policy;
pub mod publisher;
pub mod replay;
pub mod report;
pub mod response;
pub mod simulation;
pub mod trace;
pub mod variant;
pub mod workload;

mod ours;
pub mod peer;

pub use measures::Measures;
pub use oracle::Oracle;
pub use ours::Ours;
pub use plant::Plant;
pub use policy::Policy;
pub use simulation::{Minute, Run, simulate};
pub use trace::{Trace, TraceError};
pub use workload::Workload;
