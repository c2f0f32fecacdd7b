//! A database for one test: made empty, dropped at the end.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

static MADE: AtomicU32 = AtomicU32::new(0);

/// A database that lives as long as this value.
pub struct Database {
    name: String,
    pub url: String,
}

impl Database {
    pub async fn empty() -> Self {
        let name = format!("controller_test_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        on(&server(), &format!("CREATE DATABASE {name}")).await;
        let (address, parameters) = split(&server());
        let end = address.rfind('/').filter(|at| *at > address.find("://").unwrap() + 2);
        let authority = end.map_or(address.as_str(), |at| &address[..at]);
        let url = format!("{authority}/{name}{parameters}");
        Self { name, url }
    }

    /// Runs a statement of a test's own making.
    pub async fn execute(&self, statement: &str) {
        on(&self.url, statement).await;
    }

    /// Ends the connections that the controller has to it.
    pub async fn disconnect(&self) {
        let theirs = "application_name = 'controller' AND datname = current_database()";
        self.execute(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {theirs}")).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A runtime of its own: the test's may be stopping, and it cannot be blocked on from inside.
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = server();
        std::thread::spawn(move || runtime().block_on(on(&server, &statement))).join().unwrap();
    }
}

fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server (as a superuser)")
}

fn split(url: &str) -> (String, String) {
    url.split_once('?')
        .map_or((url.to_owned(), String::new()), |(address, rest)| (address.to_owned(), format!("?{rest}")))
}

async fn on(url: &str, statement: &str) {
    let mut connection = PgConnection::connect(url).await.expect("TEST_DATABASE_URL answers");
    connection.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}
