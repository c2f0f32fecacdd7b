//! A database for one test: made empty, dropped at the end.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

use super::servers::{database_server_url, unique};

const FIXTURE: &str = include_str!("../data/two_users.sql");

/// A database that lives as long as this value.
pub(crate) struct TestDatabase {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) pool: PgPool,
}

impl TestDatabase {
    /// A database without any table.
    pub(crate) async fn empty() -> Self {
        let name = unique("api_test");
        on_server(format!(r#"CREATE DATABASE "{name}""#)).await;
        let url = with_database(&database_server_url(), &name);
        let pool = PgPool::connect_lazy(&url).unwrap();
        Self { name, url, pool }
    }

    /// A database with every table and nothing in them.
    pub(crate) async fn migrated() -> Self {
        let database = Self::empty().await;
        api::migrate::run(&database.pool).await.unwrap();
        database
    }

    /// A database in which Alice and Bob have something.
    pub(crate) async fn with_two_users() -> Self {
        let database = Self::migrated().await;
        database.execute(FIXTURE).await;
        database
    }

    /// Runs statements of a test's own making.
    pub(crate) async fn execute(&self, statements: &str) {
        self.pool.execute(sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))).await.unwrap();
    }

    /// The one value that a query gives.
    pub(crate) async fn value<T>(&self, query: &str) -> T
    where
        T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
    {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// Waits until somebody waits for a lock in this database.
    pub(crate) async fn somebody_waits(&self) {
        let query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        super::eventually("somebody waits for a lock", async || self.value::<i64>(query).await > 0).await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = on_server(format!(r#"DROP DATABASE "{}" WITH (FORCE)"#, self.name));
        // A runtime of its own: the test's may be stopping, and it cannot be blocked on from inside.
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        std::thread::spawn(move || runtime().block_on(drop)).join().unwrap();
    }
}

async fn on_server(statement: String) {
    let mut server = PgConnection::connect(&database_server_url()).await.expect("TEST_DATABASE_URL answers");
    server.execute(AssertSqlSafe(statement)).await.unwrap();
    server.close().await.unwrap();
}

/// The server's address with another database in it.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').unwrap_or((server, ""));
    let (scheme, rest) = address.split_once("://").expect("TEST_DATABASE_URL has a scheme");
    let authority = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{authority}/{name}?{parameters}")
}
