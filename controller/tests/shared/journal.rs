//! What is written comes back, to the last bit, as from a file.

use std::slice::from_ref;
use std::time::Duration;

use controller::journal::{
    Entry, JournalError, Location, Outcome, PostgresJournal, PostgresLease, Query, Reader, postgres,
};
use controller::ports::{Journal, Lease};
use scaling::State;

use crate::database::Database;
use crate::entries::{EPOCH_S, GROUP, entry, live, policy};

const DAY_S: f64 = 86_400.0;

pub async fn led(database: &Database) -> (PostgresJournal, PostgresLease) {
    let (journal, lease) = postgres::open(&database.url).await.unwrap();
    assert!(lease.hold(Duration::from_mins(1)).await.unwrap().is_some());
    (journal, lease)
}

async fn reader(database: &Database) -> Reader {
    Reader::open(&Location::new(&database.url)).await.unwrap()
}

#[tokio::test]
async fn the_state_comes_back_to_the_last_bit() {
    let database = Database::empty().await;
    let (journal, _lease) = led(&database).await;
    let state = live(&journal, State::default(), 0..10).await;
    journal.snapshot(EPOCH_S + 600.0, &[(GROUP, &state)]).await.unwrap();
    journal.snapshot(EPOCH_S + 601.0, &[(GROUP, &state)]).await.unwrap();
    let state = live(&journal, state, 10..15).await;
    let (another, _) = postgres::open(&database.url).await.unwrap();
    let recovery = another.recover(GROUP, EPOCH_S + 900.0).await.unwrap();
    assert_eq!((recovery.observations.len(), recovery.datapoints.len()), (5, 15));
    assert_eq!(recovery.observed_at, Some(EPOCH_S + 14.0 * 60.0));
    assert_eq!(recovery.replay(&policy()), state);
    assert_eq!(another.recover("another", EPOCH_S).await.unwrap().replay(&policy()), State::default());
}

#[tokio::test]
async fn decisions_and_their_outcomes_are_read_newest_first_and_pruned() {
    let database = Database::empty().await;
    let (journal, _lease) = led(&database).await;
    live(&journal, State::default(), 0..12).await;
    let (last, _) = entry(12, State::default());
    let ids = journal.record(&[Entry { turn: true, dry_run: true, ..last }]).await.unwrap();
    for outcome in [Outcome::set(EPOCH_S), Outcome::dry_run(EPOCH_S + 721.0)] {
        journal.conclude(ids[0], &outcome).await.unwrap();
    }
    let reader = reader(&database).await;
    assert_eq!(reader.groups().await.unwrap(), [GROUP]);
    let at = |minute: u32| EPOCH_S + f64::from(minute) * 60.0;
    let minutes = async |query: Query| {
        let records = reader.records(&query).await.unwrap();
        records.iter().map(|record| ((record.decision.at - EPOCH_S) / 60.0) as u32).collect::<Vec<_>>()
    };
    assert_eq!(minutes(Query { limit: 2, ..Query::group(GROUP) }).await, [12, 11]);
    assert_eq!(minutes(Query { turns: true, ..Query::group(GROUP) }).await, [12, 10, 0]);
    assert_eq!(minutes(Query { since: Some(at(11)), ..Query::group(GROUP) }).await, [12, 11]);
    assert_eq!(minutes(Query { until: Some(at(5) + 1.0), limit: 1, ..Query::group(GROUP) }).await, [5]);
    assert_eq!(minutes(Query { limit: 1, ..Query::default() }).await, [12]);
    assert_eq!(minutes(Query::group("another")).await, [] as [u32; 0]);
    let last = reader.records(&Query { limit: 1, ..Query::group(GROUP) }).await.unwrap().remove(0);
    assert_eq!((last.dry_run, last.outcome), (true, Some(Outcome::dry_run(EPOCH_S + 721.0))));
    journal.prune(EPOCH_S + 2.0 * DAY_S + 1_200.0, 14.0 * DAY_S).await.unwrap();
    assert_eq!(minutes(Query::group(GROUP)).await, [12, 10, 0]);
    journal.prune(EPOCH_S + 14.0 * DAY_S + 601.0, 14.0 * DAY_S).await.unwrap();
    assert_eq!(minutes(Query::group(GROUP)).await, [12]);
}

#[tokio::test]
async fn a_connection_that_is_lost_costs_one_failure() {
    let database = Database::empty().await;
    let (journal, lease) = led(&database).await;
    database.disconnect().await;
    let (entry, _) = entry(0, State::default());
    assert!(matches!(journal.record(from_ref(&entry)).await, Err(JournalError::Query(_))));
    journal.record(&[entry]).await.unwrap();
    assert!(lease.hold(Duration::from_mins(1)).await.is_err());
    assert!(lease.hold(Duration::from_mins(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_journal_of_a_newer_program_is_refused_and_no_error_shows_the_password() {
    let database = Database::empty().await;
    let unmade = Reader::open(&Location::new(&database.url)).await.unwrap_err().to_string();
    assert!(unmade.contains("cannot be used"), "{unmade}");
    drop(postgres::open(&database.url).await.unwrap());
    database.execute("UPDATE _sqlx_migrations SET version = 7").await;
    for error in [
        postgres::open(&database.url).await.unwrap_err(),
        Reader::open(&Location::new(&database.url)).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("has schema 7, and this program knows 1"), "{error}");
    }
    let nobody = "postgres://user:secret@127.0.0.1:9/controller";
    let error = postgres::open(nobody).await.unwrap_err().to_string();
    assert!(error.starts_with("the journal postgres://127.0.0.1:9/controller cannot be used"), "{error}");
    let error = postgres::open("postgres://user:secret@h/d?sslmode=never").await.unwrap_err().to_string();
    assert!(!error.contains("secret"), "{error}");
}
