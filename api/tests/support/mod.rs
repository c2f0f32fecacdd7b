//! What the tests stand on: servers, a database each, the application in this process or as a process.

mod app;
mod database;
mod process;
mod redis_proxy;
mod servers;
mod statements;

pub(crate) use app::{Answer, NO_REDIS, REDIS_TIMEOUT, SECRET, TestApp, access_token, router_settings};
pub(crate) use database::TestDatabase;
pub(crate) use process::{ApiProcess, api};
pub(crate) use redis_proxy::RedisProxy;
pub(crate) use servers::{eventually, redis_url, redis_urls, required, unique};
pub(crate) use statements::Statements;
