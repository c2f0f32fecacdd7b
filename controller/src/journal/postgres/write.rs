//! Writing: the [`Journal`] port on PostgreSQL.

use scaling::State;
use sqlx::{Connection, PgConnection};

use super::session::in_time;
use super::{PostgresJournal, records};
use crate::journal::record::DETAIL_S;
use crate::journal::recover::{RECENT_S, Snapshot, recent_turns};
use crate::journal::{Entry, EntryId, JournalError, Outcome, Recovery, sql};
use crate::ports::Journal;

/// Held until the transaction's end, so that nobody takes the lease between this and what is written.
const STILL_LEADS: &str =
    "SELECT term FROM lease WHERE holder = $1 AND ends_at > clock_timestamp() FOR SHARE";

impl Journal for PostgresJournal {
    async fn recover(&self, group: &str, now: f64) -> Result<Recovery, JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            let row = sqlx::query_as(sql::SNAPSHOT).bind(group).fetch_optional(&mut session).await?;
            let snapshot = Snapshot::of(group, row)?;
            let observed = sqlx::query_as(sql::OBSERVATIONS)
                .bind(group)
                .bind(snapshot.through_id)
                .bind(now - RECENT_S)
                .fetch_all(&mut session)
                .await?;
            let turns = records(&mut session, &recent_turns(group)).await?;
            self.sessions.put(session);
            Recovery::new(snapshot, observed, turns)
        })
        .await
    }

    async fn record(&self, entries: &[Entry]) -> Result<Vec<EntryId>, JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            let mut transaction = session.begin().await?;
            self.must_lead(&mut transaction).await?;
            let mut ids = Vec::with_capacity(entries.len());
            for entry in entries {
                ids.push(insert(&mut transaction, entry).await?);
            }
            transaction.commit().await?;
            self.sessions.put(session);
            Ok(ids)
        })
        .await
    }

    async fn conclude(&self, id: EntryId, outcome: &Outcome) -> Result<(), JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            // What was done is told by whoever did it, even if it leads no more.
            sqlx::query(sql::CONCLUDE)
                .bind(id.0)
                .bind(outcome.at)
                .bind(&outcome.result)
                .bind(&outcome.detail)
                .execute(&mut session)
                .await?;
            self.sessions.put(session);
            Ok(())
        })
        .await
    }

    async fn snapshot(&self, at: f64, states: &[(&str, &State)]) -> Result<(), JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            let mut transaction = session.begin().await?;
            self.must_lead(&mut transaction).await?;
            for (group, state) in states {
                sqlx::query(sql::KEEP)
                    .bind(group)
                    .bind(at)
                    .bind(serde_json::to_string(state)?)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            self.sessions.put(session);
            Ok(())
        })
        .await
    }

    async fn prune(&self, now: f64, retention_s: f64) -> Result<(), JournalError> {
        in_time(async {
            let mut session = self.sessions.take().await?;
            sqlx::query(sql::PRUNE)
                .bind(now - retention_s)
                .bind(now - retention_s.min(DETAIL_S))
                .execute(&mut session)
                .await?;
            self.sessions.put(session);
            Ok(())
        })
        .await
    }
}

impl PostgresJournal {
    async fn must_lead(&self, transaction: &mut PgConnection) -> Result<(), JournalError> {
        let leads = sqlx::query(STILL_LEADS).bind(&*self.holder).fetch_optional(transaction).await?;
        leads.map(|_| ()).ok_or(JournalError::NotLeader)
    }
}

async fn insert(connection: &mut PgConnection, entry: &Entry) -> Result<EntryId, JournalError> {
    let decision = &entry.decision;
    let id = sqlx::query_scalar(sql::DECIDE)
        .bind(decision.at)
        .bind(&entry.group)
        .bind(decision.action.as_str())
        .bind(decision.reason.as_str())
        .bind(decision.current.map(i64::from))
        .bind(decision.desired.map(i64::from))
        .bind(entry.turn)
        .bind(entry.dry_run)
        .bind(serde_json::to_string(&entry.observation)?)
        .bind(serde_json::to_string(decision)?)
        .fetch_one(connection)
        .await?;
    Ok(EntryId(id))
}
