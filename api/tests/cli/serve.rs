//! `api serve`: configuration, and how it stops.

use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

use sqlx::PgConnection;

use crate::support::{ApiProcess, SECRET, TestDatabase, access_token, api, eventually, unique};

/// While this lasts, whoever reads portfolios waits.
async fn hold_portfolios(database: &TestDatabase) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = database.pool.begin().await.unwrap();
    let connection: &mut PgConnection = &mut lock;
    sqlx::query(r#"LOCK TABLE "Portfolio" IN ACCESS EXCLUSIVE MODE"#).execute(connection).await.unwrap();
    lock
}

fn refused(database: &TestDatabase, name: &str, value: Option<&str>, flags: &[&str]) -> String {
    let mut command = api(database);
    command.env_remove(name).envs(value.map(|value| (name, value))).arg("serve").args(flags);
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{name}={value:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn refuses_a_configuration_that_makes_no_sense_and_quotes_no_secret() {
    let database = TestDatabase::empty().await;
    let free_port = ["--listen", "127.0.0.1:0"];
    let cases = [
        ("JWT_SECRET", None, "JWT_SECRET is not set"),
        ("JWT_SECRET", Some("hunter2"), "JWT_SECRET: the secret has 7 bytes; HS256 needs at least 32"),
        ("JWT_SECRET_PREVIOUS", Some("hunter2"), "JWT_SECRET_PREVIOUS: the secret has 7 bytes"),
        ("DATABASE_URL", Some("mysql://u:hunter2@h/d"), "DATABASE_URL: is not a PostgreSQL address"),
        ("DATABASE_URL", Some("postgres://u:hunter2@h:port/d"), "DATABASE_URL: is not a PostgreSQL address"),
        ("DATABASE_REPLICA_URL", Some("hunter2"), "DATABASE_REPLICA_URL: is not a PostgreSQL address"),
        ("REDIS_URL", Some("http://:hunter2@h"), "REDIS_URL is not a Redis address"),
        ("POOL_SIZE", Some("1"), "1 is not in 2..=1000"),
        ("DRAIN_GRACE", Some("soon"), "--drain-grace"),
        ("PRICES_EVERY", Some("0s"), "0s is not allowed; allowed is 1ms to 1day"),
        ("REDIS_TIMEOUT", Some("0ms"), "0s is not allowed; allowed is 1ms to 1day"),
        ("STATEMENT_TIMEOUT", Some("10us"), "10us is not allowed; allowed is 1ms to 1day"),
        ("QUEUE_TIMEOUT", Some("0s"), "0s is not allowed; allowed is 1ms to 1day"),
        ("REQUEST_TIMEOUT", Some("0s"), "0s is not allowed; allowed is 1ms to 1day"),
        ("DRAIN_TIMEOUT", Some("2days"), "2days is not allowed; allowed is 0s to 1day"),
        (
            "CORS_ORIGINS",
            Some("https://a.example,https://b.example/"),
            "`https://b.example/` is not an origin",
        ),
    ];
    for (name, value, sentence) in cases {
        let told = refused(&database, name, value, &free_port);
        assert!(told.contains(sentence), "{name}={value:?}: {told}");
        assert!(!told.contains("hunter2"), "{name}={value:?}: {told}");
    }
}

/// As a file of variables has those that are not meant.
#[tokio::test]
async fn an_empty_variable_is_none() {
    let database = TestDatabase::migrated().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = api(&database);
    for name in [
        "REDIS_URL",
        "REDIS_CLUSTER",
        "DATABASE_REPLICA_URL",
        "DATABASE_URL_FILE",
        "JWT_SECRET_PREVIOUS",
        "CORS_ORIGINS",
        "CMC_API_KEY",
        "CLOUDWATCH_NAMESPACE",
        "POOL_SIZE",
        "RUST_LOG",
        "LOG_FORMAT",
    ] {
        command.env(name, "");
    }
    command.arg("serve").stderr(log.reopen().unwrap());
    let process = ApiProcess::start(command);
    eventually("it is ready", async || process.get("/health/ready", None).await.unwrap().status == 200).await;
    assert_eq!(lines(&log, &["CMC_API_KEY is not set: the prices are simulated"]), 1);
}

#[tokio::test]
async fn says_which_address_is_taken() {
    let database = TestDatabase::empty().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = refused(&database, "LISTEN", None, &["--listen", &address]);
    assert!(told.contains(&format!("cannot listen on {address}")), "{told}");
}

/// It starts without its database: the readiness check says so, and says when that is over.
#[tokio::test]
async fn starts_before_its_database_does() {
    let database = TestDatabase::empty().await;
    let process = ApiProcess::serve(&database, &["--database-url", "postgres://exstrat@127.0.0.1:1/nowhere"]);
    assert_eq!(process.get("/health/live", None).await.unwrap().status, 200);
    assert_eq!(process.get("/health/ready", None).await.unwrap().status, 503);
}

/// A process whose log at these levels is in a file.
fn with_log(database: &TestDatabase, url: &str, levels: &str) -> (ApiProcess, tempfile::NamedTempFile) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = api(database);
    command.arg("serve").env("DATABASE_URL", url).env("RUST_LOG", levels).stderr(log.reopen().unwrap());
    (ApiProcess::start(command), log)
}

/// The lines of a log that hold all of these.
fn lines(log: &tempfile::NamedTempFile, words: &[&str]) -> usize {
    let log = std::fs::read_to_string(log).unwrap();
    log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

/// Its database answers, but has no tables, and then has some that may not be read.
#[tokio::test]
async fn is_not_ready_before_it_can_serve_and_says_once_why() {
    let database = TestDatabase::empty().await;
    let role = unique("no_rights");
    database.execute(&format!(r#"CREATE ROLE "{role}" LOGIN"#)).await;
    let url = format!("postgres://{role}@{}", database.url.split_once('@').unwrap().1);
    let (process, log) = with_log(&database, &url, "debug");
    let ready = async || process.get("/health/ready", None).await.unwrap().status;
    let tries_again = async || {
        let before = lines(&log, &["still not ready"]);
        eventually("it tries again", async || lines(&log, &["still not ready"]) > before + 1).await;
        assert_eq!(ready().await, 503);
        assert_eq!(lines(&log, &["WARN", "not ready", "missing User, Token, Portfolio, "]), 1);
        assert_eq!(lines(&log, &["WARN", "not ready"]), 1);
    };
    tries_again().await;
    api::migrate::run(&database.pool).await.unwrap();
    tries_again().await;
    database.execute(&format!(r#"GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}""#)).await;
    eventually("it can serve", async || ready().await == 200).await;
    drop(process);
    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
}

/// The fleet is not at its maximum yet.
#[tokio::test]
async fn serves_and_says_so_where_the_whole_fleet_would_not_fit() {
    let database = TestDatabase::migrated().await;
    database.execute(&format!(r#"ALTER DATABASE "{}" CONNECTION LIMIT 99"#, database.name)).await;
    let (process, log) = with_log(&database, &database.url, "error");
    eventually("it is ready", async || process.get("/health/ready", None).await.unwrap().status == 200).await;
    assert_eq!(lines(&log, &["ERROR", "primary", "20 instances", "need 100; allowed are 99"]), 1);
}

/// A role of this database with so many connections at most, and the database's address with it.
async fn with_connection_limit(database: &TestDatabase, limit: u8) -> (String, String) {
    let role = unique("limited");
    let grant = format!(r#"GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}""#);
    database.execute(&format!(r#"CREATE ROLE "{role}" LOGIN CONNECTION LIMIT {limit}; {grant}"#)).await;
    let url = format!("postgres://{role}@{}", database.url.split_once('@').unwrap().1);
    (role, url)
}

/// Some connections serve; that they are too few is said.
#[tokio::test]
async fn is_ready_where_its_own_pool_does_not_fit() {
    let database = TestDatabase::migrated().await;
    let (role, url) = with_connection_limit(&database, 3).await;
    let (process, log) = with_log(&database, &url, "warn");
    eventually("it is ready", async || process.get("/health/ready", None).await.unwrap().status == 200).await;
    assert_eq!(lines(&log, &["ERROR", "primary", "need 100; allowed are 3"]), 1);
    drop(process);
    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
}

/// The health checks' connection, or the background work's, is the only one.
#[tokio::test]
async fn is_not_ready_without_a_connection_for_requests_and_says_why() {
    let database = TestDatabase::migrated().await;
    let (role, url) = with_connection_limit(&database, 1).await;
    let (process, log) = with_log(&database, &url, "warn");
    let is_told = async || lines(&log, &["WARN", "not ready", "too many connections for role", &role]) == 1;
    eventually("it says why in the server's words", is_told).await;
    assert_eq!(process.get("/health/ready", None).await.unwrap().status, 503);
    drop(process);
    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
}

/// Not even at the most talkative level.
#[tokio::test]
async fn logs_no_token_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let database = TestDatabase::with_two_users().await;
    let mut command = api(&database);
    command.arg("serve").env("RUST_LOG", "trace").stderr(std::fs::File::create(&log).unwrap());
    let process = ApiProcess::start(command);
    let token = access_token("alice");
    assert_eq!(process.get("/dashboard", Some(&token)).await.unwrap().status, 200);
    process.terminate();
    assert!(process.exit().await.success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/dashboard"), "requests are traced at this level");
    for secret in [token.as_str(), token.rsplit('.').next().unwrap(), SECRET] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn drains_at_sigterm() {
    let database = TestDatabase::with_two_users().await;
    let mut process = ApiProcess::serve(&database, &["--drain-grace", "3s"]);
    let ready = async || process.get("/health/ready", None).await.unwrap().status;
    eventually("it has warmed up", async || ready().await == 200).await;
    let lock = hold_portfolios(&database).await;
    let under_way = tokio::spawn(process.get("/portfolios", Some(&access_token("alice"))));
    process.serves(1).await;

    process.terminate();
    eventually("the readiness check fails", async || ready().await == 503).await;
    let live = process.get("/health/live", None).await.unwrap();
    assert_eq!(live.status, 200, "within the grace new requests are served");
    assert!(process.runs(), "it waits for the request under way");

    lock.rollback().await.unwrap();
    assert_eq!(under_way.await.unwrap().unwrap().status, 200, "the request under way is answered");
    assert_eq!(process.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_request_under_way_outlives_the_listener() {
    let database = TestDatabase::with_two_users().await;
    let process = ApiProcess::serve(&database, &[]);
    let lock = hold_portfolios(&database).await;
    let under_way = tokio::spawn(process.get("/portfolios", Some(&access_token("alice"))));
    process.serves(1).await;
    process.terminate();
    let refused = async || process.get("/health/live", None).await.is_err();
    eventually("without a grace the listener closes at once", refused).await;
    lock.rollback().await.unwrap();
    assert_eq!(under_way.await.unwrap().unwrap().status, 200);
    assert_eq!(process.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_drain_has_an_end() {
    let database = TestDatabase::with_two_users().await;
    let process = ApiProcess::serve(&database, &["--drain-timeout", "200ms"]);
    let lock = hold_portfolios(&database).await;
    let under_way = tokio::spawn(process.get("/portfolios", Some(&access_token("alice"))));
    process.serves(1).await;
    let started = Instant::now();
    process.terminate();
    assert_eq!(process.exit().await.code(), Some(0));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert!(under_way.await.unwrap().is_err(), "its connection went with the process");
    lock.rollback().await.unwrap();
}

/// A client that broke off in the midst of a head, and one that has connected and says nothing.
#[tokio::test]
async fn neither_half_a_request_nor_silence_holds_the_drain() {
    let database = TestDatabase::with_two_users().await;
    let process = ApiProcess::serve(&database, &[]);
    let address = process.base_url.trim_start_matches("http://").to_owned();
    let mut connections = Vec::new();
    for said in ["", "GET /health/live HTTP/1.1\r\nhost: x"] {
        let mut connection = TcpStream::connect(&address).unwrap();
        connection.write_all(said.as_bytes()).unwrap();
        connections.push(connection);
    }
    // They are accepted in their turn.
    assert_eq!(process.get("/health/live", None).await.unwrap().status, 200);
    let started = Instant::now();
    process.terminate();
    assert_eq!(process.exit().await.code(), Some(0));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
