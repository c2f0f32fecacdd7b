//! One holds the lease at a time, and only the holder writes.

use std::slice::from_ref;
use std::time::{Duration, Instant};

use controller::journal::{JournalError, Location, Reader, postgres};
use controller::ports::{Journal, Lease, Term};
use futures::future::join_all;
use scaling::State;

use crate::database::Database;
use crate::entries::entry;

const LASTS: Duration = Duration::from_mins(1);
/// As much as a busy machine needs to notice that a lease is held.
const SHORT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_lease_is_held_by_one_and_prolonged_by_it_alone() {
    let database = Database::empty().await;
    let (_, first) = postgres::open(&database.url).await.unwrap();
    let (_, second) = postgres::open(&database.url).await.unwrap();
    let reader = Reader::open(&Location::new(&database.url)).await.unwrap();
    assert!(!reader.is_written().await.unwrap());
    assert_eq!(first.hold(LASTS).await.unwrap(), Some(Term(1)));
    assert_eq!(second.hold(LASTS).await.unwrap(), None);
    assert_eq!(first.hold(LASTS).await.unwrap(), Some(Term(1)));
    assert!(reader.is_written().await.unwrap());
    second.release().await.unwrap();
    assert_eq!(second.hold(LASTS).await.unwrap(), None, "it is not the other's to give back");
    first.release().await.unwrap();
    assert!(!reader.is_written().await.unwrap());
    assert_eq!(second.hold(LASTS).await.unwrap(), Some(Term(2)));
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_gets_it() {
    let database = Database::empty().await;
    drop(postgres::open(&database.url).await.unwrap());
    let opened = join_all((0..8).map(|_| postgres::open(&database.url))).await;
    let leases: Vec<_> = opened.into_iter().map(|opened| opened.unwrap().1).collect();
    for term in 1..=3 {
        let held = join_all(leases.iter().map(|lease| lease.hold(LASTS))).await;
        let held: Vec<Term> = held.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(held, [Term(term)]);
        join_all(leases.iter().map(Lease::release)).await;
    }
}

#[tokio::test]
async fn a_lease_that_is_not_prolonged_ends_and_its_holder_writes_no_more() {
    let database = Database::empty().await;
    let (journal, first) = postgres::open(&database.url).await.unwrap();
    let (successor, second) = postgres::open(&database.url).await.unwrap();
    let (of_minute, state) = entry(0, State::default());
    first.hold(LASTS).await.unwrap();
    journal.record(from_ref(&of_minute)).await.unwrap();
    let held_at = Instant::now();
    assert!(first.hold(SHORT).await.unwrap().is_some());
    while second.hold(LASTS).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(held_at.elapsed() >= SHORT);
    for refused in [
        journal.record(from_ref(&of_minute)).await.map(|_| ()),
        journal.snapshot(0.0, &[("web", &state)]).await,
    ] {
        assert!(matches!(refused, Err(JournalError::NotLeader)), "{refused:?}");
    }
    successor.record(&[of_minute]).await.unwrap();
    assert_eq!(first.hold(LASTS).await.unwrap(), None);
}
