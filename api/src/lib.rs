//! ExStrat's dashboard backend: the read-mostly part of its API, on its own database, made to run in a fleet.
//!
//! A request passes [`router`] (paths, headers, time limit), [`auth`] (who asks), then one module a path
//! ([`dashboard`], [`portfolios`], [`health`]), which reads [`database`], the dashboard through [`cache`].
//! [`server`] listens and drains. What goes wrong is a [`problem::Problem`].
//!
//! The program's other jobs: [`migrate`], [`seed`], [`check`].

pub mod auth;
pub mod cache;
pub mod check;
pub mod dashboard;
pub mod database;
pub mod decimal;
pub mod health;
pub mod migrate;
pub mod portfolios;
pub mod problem;
pub mod router;
pub mod seed;
pub mod server;
pub mod settings;
pub mod state;
pub mod telemetry;
pub mod timestamp;
