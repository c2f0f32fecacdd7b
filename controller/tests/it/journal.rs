//! The journal on `SQLite`: what is written comes back, whatever happened in between.

use controller::journal::{Entry, JournalError, Location, Outcome, Query, Reader, SqliteJournal, is_locked};
use controller::ports::Journal;
use scaling::State;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::entries::{EPOCH_S, GROUP, entry, live, policy};

/// A journal in a folder of its own.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("journal")
    }

    async fn open(&self) -> SqliteJournal {
        SqliteJournal::open(&self.path()).await.unwrap()
    }

    async fn read(&self) -> Reader {
        Reader::open(&Location::File(self.path())).await.unwrap()
    }

    async fn execute(&self, sql: &'static str) {
        let mut connection = SqliteConnectOptions::new().filename(self.path()).connect().await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_state_comes_back_to_the_last_bit() {
    let desk = Desk::new();
    let journal = desk.open().await;
    let state = live(&journal, State::default(), 0..10).await;
    journal.snapshot(EPOCH_S + 600.0, &[(GROUP, &state)]).await.unwrap();
    let state = live(&journal, state, 10..15).await;
    drop(journal);
    let recovery = desk.open().await.recover(GROUP, EPOCH_S + 900.0).await.unwrap();
    assert_eq!(recovery.observations.len(), 5);
    assert_eq!(recovery.datapoints.len(), 15);
    assert_eq!(recovery.observed_at, Some(EPOCH_S + 14.0 * 60.0));
    assert_eq!(recovery.replay(&policy()), state);
}

#[tokio::test]
async fn without_a_snapshot_everything_is_replayed() {
    let desk = Desk::new();
    let journal = desk.open().await;
    let state = live(&journal, State::default(), 0..7).await;
    let recovery = journal.recover(GROUP, EPOCH_S + 420.0).await.unwrap();
    assert_eq!(recovery.replay(&policy()), state);
    assert_eq!(journal.recover("another", EPOCH_S).await.unwrap().replay(&policy()), State::default());
}

#[tokio::test]
async fn a_snapshot_that_is_damaged_costs_what_was_learned_and_no_more() {
    let desk = Desk::new();
    let journal = desk.open().await;
    let state = live(&journal, State::default(), 0..3).await;
    journal.snapshot(EPOCH_S, &[(GROUP, &state)]).await.unwrap();
    drop(journal);
    desk.execute("UPDATE snapshot SET state = 'not JSON'").await;
    let recovery = desk.open().await.recover(GROUP, EPOCH_S + 180.0).await.unwrap();
    assert_eq!(recovery.state, State::default());
    assert_eq!(recovery.replay(&policy()), state, "its observations are still there");
}

#[tokio::test]
async fn a_state_of_a_newer_program_is_refused() {
    let desk = Desk::new();
    let journal = desk.open().await;
    journal.snapshot(EPOCH_S, &[(GROUP, &State::default())]).await.unwrap();
    drop(journal);
    desk.execute("UPDATE snapshot SET state = json_set(state, '$.schema', 99)").await;
    let error = desk.open().await.recover(GROUP, EPOCH_S).await.unwrap_err();
    assert!(error.to_string().starts_with("group web: the state has schema 99"), "{error}");
}

#[tokio::test]
async fn decisions_and_their_outcomes_are_read_newest_first() {
    let desk = Desk::new();
    let journal = desk.open().await;
    live(&journal, State::default(), 0..12).await;
    let (entry, _) = entry(12, State::default());
    let entry = Entry { turn: true, dry_run: true, ..entry };
    let ids = journal.record(&[entry]).await.unwrap();
    journal.conclude(ids[0], &Outcome::dry_run(EPOCH_S + 721.0)).await.unwrap();
    let reader = desk.read().await;
    let at = |minute: u32| EPOCH_S + f64::from(minute) * 60.0;
    let times = async |query: Query| {
        let records = reader.records(&query).await.unwrap();
        records.iter().map(|record| ((record.decision.at - EPOCH_S) / 60.0) as u32).collect::<Vec<_>>()
    };
    assert_eq!(times(Query { limit: 2, ..Query::group(GROUP) }).await, [12, 11]);
    assert_eq!(times(Query { turns: true, ..Query::group(GROUP) }).await, [12, 10, 0]);
    assert_eq!(times(Query { since: Some(at(11)), ..Query::group(GROUP) }).await, [12, 11]);
    assert_eq!(times(Query { until: Some(at(5) + 1.0), limit: 1, ..Query::group(GROUP) }).await, [5]);
    assert_eq!(times(Query::group("another")).await, [] as [u32; 0]);
    let last = reader.records(&Query { limit: 1, ..Query::group(GROUP) }).await.unwrap().remove(0);
    assert!(last.dry_run);
    assert_eq!(last.outcome, Some(Outcome::dry_run(EPOCH_S + 721.0)));
}

#[tokio::test]
async fn pruning_keeps_turns_for_the_retention_and_the_rest_for_two_days() {
    const DAY_S: f64 = 86_400.0;
    let desk = Desk::new();
    let journal = desk.open().await;
    live(&journal, State::default(), 0..21).await;
    journal.conclude(controller::journal::EntryId(1), &Outcome::set(EPOCH_S)).await.unwrap();
    let count = async || desk.read().await.records(&Query::group(GROUP)).await.unwrap().len();
    journal.prune(EPOCH_S + 1_200.0, 14.0 * DAY_S).await.unwrap();
    assert_eq!(count().await, 21);
    journal.prune(EPOCH_S + 2.0 * DAY_S + 1_200.0, 14.0 * DAY_S).await.unwrap();
    assert_eq!(count().await, 3);
    journal.prune(EPOCH_S + 14.0 * DAY_S + 601.0, 14.0 * DAY_S).await.unwrap();
    assert_eq!(count().await, 1);
    let state = State::default();
    journal.snapshot(EPOCH_S, &[(GROUP, &state)]).await.unwrap();
    journal.prune(f64::MAX, 0.0).await.unwrap();
    let state = live(&journal, state, 30..33).await;
    let recovery = journal.recover(GROUP, EPOCH_S + 2_000.0).await.unwrap();
    assert_eq!(recovery.replay(&policy()), state, "identities are not used again after pruning");
}

#[tokio::test]
async fn a_second_writer_is_refused_and_a_reader_is_not() {
    let desk = Desk::new();
    assert!(!is_locked(&desk.path()));
    let journal = desk.open().await;
    assert!(is_locked(&desk.path()));
    let error = SqliteJournal::open(&desk.path()).await.unwrap_err();
    assert!(
        matches!(&error, JournalError::Locked { holder: Some(pid), .. } if *pid == std::process::id().to_string())
    );
    live(&journal, State::default(), 0..1).await;
    assert_eq!(desk.read().await.records(&Query::group(GROUP)).await.unwrap().len(), 1);
    drop(journal);
    assert!(!is_locked(&desk.path()));
}

#[tokio::test]
async fn a_journal_of_a_newer_program_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    desk.execute("UPDATE _sqlx_migrations SET version = 7").await;
    let path = desk.path();
    let expected = format!(
        "the journal {} has schema 7, and this program knows 1: run the newer program, or name another journal",
        path.display()
    );
    assert_eq!(SqliteJournal::open(&path).await.unwrap_err().to_string(), expected);
    assert_eq!(Reader::open(&Location::File(path)).await.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn what_is_no_journal_is_said_to_be_none() {
    let desk = Desk::new();
    assert!(matches!(Reader::open(&Location::File(desk.path())).await, Err(JournalError::Absent(_))));
    std::fs::write(
        desk.path(),
        "a shopping list, and long enough to be taken for a database's header".repeat(20),
    )
    .unwrap();
    let error = SqliteJournal::open(&desk.path()).await.unwrap_err();
    assert!(matches!(error, JournalError::Unusable { .. }), "{error}");
}
