//! `api check`

use std::process::Command;

use crate::support::{TestDatabase, api, redis_url};

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
         ok      the schema has every column that is read\n\
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
        "failed  the schema has every column that is read: missing Token (logoUrl), Forecast ",
        "failed  Redis answers: no connection",
    ] {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn says_that_the_fleet_does_not_fit_the_database() {
    let database = TestDatabase::migrated().await;
    let (fit, told) = check(api(&database).env("FLEET_MAX", "500").env("POOL_SIZE", "9"));
    assert!(
        !fit && told
            .contains("500 instances (FLEET_MAX) with 10 connections each (POOL_SIZE and one) need 5000"),
        "{told}"
    );
}

#[tokio::test]
async fn says_that_the_database_does_not_answer() {
    let database = TestDatabase::empty().await;
    let (fit, told) = check(api(&database).env("DATABASE_URL", "postgres://exstrat@127.0.0.1:1/nowhere"));
    assert!(!fit && told.contains("failed  the database answers"), "{told}");
}
