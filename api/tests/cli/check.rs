//! `api check`

use std::process::Command;

use crate::support::{TestDatabase, api, redis_url, unique};

fn check(command: &mut Command) -> (bool, String) {
    let output = command.arg("check").output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn is_content_with_a_good_configuration() {
    let database = TestDatabase::migrated().await;
    let (fit, told) =
        check(api(&database).env("REDIS_URL", redis_url()).env("DATABASE_REPLICA_URL", &database.url));
    assert!(fit, "{told}");
    assert_eq!(
        told,
        "ok      JWT_SECRET is long enough\n\
         ok      the database answers\n\
         ok      the replica answers\n\
         ok      the fleet's connections fit the database\n\
         ok      the fleet's connections fit the replica\n\
         ok      the schema has every column that is read\n\
         ok      what is written may be written\n\
         ok      Redis answers\n"
    );
}

#[tokio::test]
async fn names_everything_that_is_wrong_at_once() {
    let database = TestDatabase::migrated().await;
    database.execute(r#"DROP TABLE "Forecast"; ALTER TABLE "Token" DROP COLUMN "logoUrl""#).await;
    let (fit, told) =
        check(api(&database).env("JWT_SECRET", "hunter2").env("REDIS_URL", "redis://127.0.0.1:1"));
    assert!(!fit, "{told}");
    for sentence in [
        "failed  JWT_SECRET is long enough: JWT_SECRET: the secret has 7 bytes",
        "ok      the database answers",
        "failed  the schema has every column that is read: missing Token (logoUrl), Forecast (api migrate",
        "failed  Redis answers: 127.0.0.1:1: Connection refused",
    ] {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

/// Whoever may only read can show dashboards, and not take what users change.
#[tokio::test]
async fn says_which_tables_may_not_be_written() {
    let database = TestDatabase::migrated().await;
    let role = unique("reader");
    let grants = format!(
        r#"CREATE ROLE "{role}" LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO "{role}";
           GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
           REVOKE INSERT, DELETE ON "Holding" FROM "{role}"; REVOKE UPDATE ON "Token" FROM "{role}""#
    );
    database.execute(&grants).await;
    let (_, server) = database.url.split_once('@').unwrap();
    let (fit, told) = check(api(&database).env("DATABASE_URL", format!("postgres://{role}:x@{server}")));
    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
    assert!(!fit && told.contains("ok      the schema has every column that is read\n"), "{told}");
    let sentence = "failed  what is written may be written: no right to write Holding (DELETE, INSERT), Token (UPDATE)\n";
    assert!(told.contains(sentence), "{told}");
}

/// What `serve` would refuse, though nothing here needs it.
#[tokio::test]
async fn refuses_settings_that_serve_would_refuse() {
    let database = TestDatabase::migrated().await;
    for (name, value) in [("CORS_ORIGINS", "*"), ("REQUEST_TIMEOUT", "soon"), ("LISTEN", "nowhere")] {
        let output = api(&database).env(name, value).arg("check").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(value), "{name}={value}: {told}");
    }
}

#[tokio::test]
async fn says_which_variable_is_no_address() {
    let database = TestDatabase::migrated().await;
    let (fit, told) = check(api(&database).env("REDIS_URL", "http://:hunter2@h"));
    assert!(!fit, "{told}");
    assert!(
        told.contains("failed  Redis answers: REDIS_URL is not a Redis address; allowed is redis"),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn says_that_the_fleet_does_not_fit_the_database() {
    let database = TestDatabase::migrated().await;
    let (fit, told) = check(api(&database).env("FLEET_MAX", "500").env("POOL_SIZE", "9"));
    assert!(
        !fit && told
            .contains("failed  the fleet's connections fit the database: 500 instances (FLEET_MAX) with 10 "),
        "{told}"
    );
}

/// To the replica there are fewer, and it has limits of its own, as a database and a role have.
#[tokio::test]
async fn says_that_the_fleet_does_not_fit_the_replica() {
    let (database, replica) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    replica.execute(&format!(r#"ALTER DATABASE "{}" CONNECTION LIMIT 16"#, replica.name)).await;
    let told = |fleet_max: &str| {
        let mut command = api(&database);
        command.env("DATABASE_REPLICA_URL", &replica.url).env("FLEET_MAX", fleet_max).env("POOL_SIZE", "4");
        check(&mut command)
    };
    assert!(told("4").0, "{}", told("4").1);
    let (fit, told) = told("5");
    assert!(!fit && told.contains("ok      the fleet's connections fit the database\n"), "{told}");
    assert!(told.contains("failed  the fleet's connections fit the replica: 5 instances"), "{told}");
    assert!(told.contains("with 4 connections each") && told.contains("need 20; allowed are 16"), "{told}");
}

/// It accepts connections and says nothing, as a machine does whose network is gone.
fn silent_server() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn says_which_server_does_not_answer_and_why() {
    let database = TestDatabase::empty().await;
    let (_silent, silent) = silent_server();
    let (fit, told) = check(
        api(&database)
            .env("DATABASE_URL", "postgres://exstrat:hunter2@127.0.0.1:1/nowhere")
            .env("DATABASE_REPLICA_URL", format!("postgres://exstrat:hunter2@{silent}/nowhere"))
            .env("REDIS_URL", format!("redis://:hunter2@{silent}")),
    );
    assert!(!fit, "{told}");
    for (what, place, reason) in [
        ("the database answers", "127.0.0.1:1/nowhere", "Connection refused"),
        ("the replica answers", &*format!("{silent}/nowhere"), "timed out"),
        ("Redis answers", &*silent, "no connection within 1 s"),
    ] {
        let line = told.lines().find(|line| line.starts_with(&format!("failed  {what}: {place}: ")));
        assert!(line.is_some_and(|line| line.contains(reason)), "{what}: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

/// The tests' Redis knows no password, so it refuses every one.
#[tokio::test]
async fn says_that_it_is_not_let_in() {
    let database = TestDatabase::migrated().await;
    let role = unique("closed");
    database.execute(&format!(r#"CREATE ROLE "{role}" NOLOGIN PASSWORD 'hunter2'"#)).await;
    let server = database.url.split_once('@').unwrap().1;
    let redis = redis_url().replace("redis://", "redis://:hunter2@");
    let mut command = api(&database);
    let command = command.env("DATABASE_URL", format!("postgres://{role}:hunter2@{server}"));
    let (fit, told) = check(command.env("REDIS_URL", redis));
    database.execute(&format!(r#"DROP ROLE "{role}""#)).await;
    assert!(!fit, "{told}");
    assert!(told.contains(&format!("role \"{role}\" is not permitted to log in")), "{told}");
    assert!(told.contains("failed  Redis answers: 127.0.0.1:") && told.contains("uthentication"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}
