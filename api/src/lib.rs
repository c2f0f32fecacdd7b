//! ExStrat's dashboard backend: the read-mostly part of its API, on its own database, made to run in a fleet.
//!
//! A request passes [`router`] (paths, headers, time limit), [`auth`] (who asks), [`request`] (what is asked, checked
//! by the types of [`field`] and [`id`]), then one module a path: [`dashboard`], [`portfolios`], [`strategies`],
//! [`transactions`], [`tokens`], [`public`], [`health`]. A path's module holds the shapes and the handlers, its
//! `store` the queries, and what is arithmetic is pure and beside it. [`database`] says where to read and write,
//! [`cache`] what was read before. [`server`] listens and drains. What goes wrong is a [`problem::Problem`].
//!
//! The program's other jobs: [`migrate`], [`seed`], [`check`].

pub mod auth;
pub mod cache;
pub mod check;
pub mod dashboard;
pub mod database;
pub mod decimal;
pub mod field;
pub mod health;
pub mod id;
pub mod json;
pub mod migrate;
pub mod portfolios;
pub mod problem;
pub mod public;
pub mod request;
pub mod router;
pub mod seed;
pub mod server;
pub mod settings;
pub mod state;
pub mod strategies;
pub mod telemetry;
pub mod timestamp;
pub mod tokens;
pub mod transactions;
