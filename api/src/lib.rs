//! ExStrat's dashboard backend: the read-mostly part of its API, on its own database, made to run in a fleet.
//!
//! A request passes [`router`] (paths, headers, time limit), [`auth`] (who asks), [`request`] (what is asked, checked
//! by the types of [`field`] and [`id`]), then one module a path: [`dashboard`], [`portfolios`], [`strategies`],
//! [`transactions`], [`tokens`], [`public`], [`health`]. A path's module holds the shapes and the handlers, its
//! `store` the queries, and what is arithmetic is pure and beside it. [`database`] says where to read and write,
//! [`cache`] what was read before, [`write`] what goes with every write. What goes wrong is a [`problem::Problem`].
//!
//! Under load [`limits`] and [`admission`] refuse what would be served too late. [`live`] pushes what changes;
//! [`background`] is what one instance does for all, with [`prices`]. [`observed`] counts; [`warm_up`] goes before
//! readiness; [`server`] listens and drains.
//!
//! The program's other jobs: [`migrate`], [`seed`], [`check`].

pub mod admission;
pub mod auth;
pub mod background;
pub mod cache;
pub mod check;
pub mod dashboard;
pub mod database;
pub mod decimal;
pub mod field;
pub mod health;
pub mod id;
pub mod json;
pub mod limits;
pub mod live;
pub mod migrate;
pub mod observed;
pub mod portfolios;
pub mod prices;
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
pub mod warm_up;
pub mod write;
