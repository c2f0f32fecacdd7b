//! The API as its callers see it, on a real PostgreSQL and a real Redis.
//!
//! `TEST_DATABASE_URL` names a server (as a superuser), `TEST_REDIS_URL` another, `TEST_REDIS_CLUSTER_URL` a cluster's
//! nodes; the project's test command starts them and sets these. Each test makes a database of its own and drops it. The modules mirror the paths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_raw_string_hashes)]

mod cli {
    mod check;
    mod migrate;
    mod runbook;
    mod seed;
    mod serve;
}
mod auth;
mod background;
mod caches;
mod dashboard;
mod fuzz;
mod gates;
mod health;
mod live;
mod load;
mod portfolios {
    mod forecasts;
    mod holdings;
    mod list;
    mod plans;
    mod strategies;
    mod writes;
}
mod openapi;
mod page;
mod privacy;
mod replica;
mod rotation;
mod routes;
mod strategies;
mod support;
mod tokens;
mod traces;
mod transactions;
mod transport;
