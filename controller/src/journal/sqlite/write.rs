//! Writing: the [`Journal`] port on `SQLite`.

use scaling::State;
use sqlx::SqliteConnection;

use super::{SqliteJournal, records};
use crate::journal::record::DETAIL_S;
use crate::journal::recover::{RECENT_S, Snapshot, recent_turns};
use crate::journal::{Entry, EntryId, JournalError, Outcome, Recovery, sql};
use crate::ports::Journal;

impl Journal for SqliteJournal {
    async fn recover(&self, group: &str, now: f64) -> Result<Recovery, JournalError> {
        let row = sqlx::query_as(sql::SNAPSHOT).bind(group).fetch_optional(&self.pool).await?;
        let snapshot = Snapshot::of(group, row)?;
        let observed = sqlx::query_as(sql::OBSERVATIONS)
            .bind(group)
            .bind(snapshot.through_id)
            .bind(now - RECENT_S)
            .fetch_all(&self.pool)
            .await?;
        let turns = records(&self.pool, &recent_turns(group)).await?;
        Recovery::new(snapshot, observed, turns)
    }

    async fn record(&self, entries: &[Entry]) -> Result<Vec<EntryId>, JournalError> {
        let mut transaction = self.pool.begin().await?;
        let mut ids = Vec::with_capacity(entries.len());
        for entry in entries {
            ids.push(insert(&mut transaction, entry).await?);
        }
        transaction.commit().await?;
        Ok(ids)
    }

    async fn conclude(&self, id: EntryId, outcome: &Outcome) -> Result<(), JournalError> {
        sqlx::query(sql::CONCLUDE)
            .bind(id.0)
            .bind(outcome.at)
            .bind(&outcome.result)
            .bind(&outcome.detail)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn snapshot(&self, at: f64, states: &[(&str, &State)]) -> Result<(), JournalError> {
        let mut transaction = self.pool.begin().await?;
        for (group, state) in states {
            sqlx::query(sql::KEEP)
                .bind(group)
                .bind(at)
                .bind(serde_json::to_string(state)?)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn prune(&self, now: f64, retention_s: f64) -> Result<(), JournalError> {
        sqlx::query(sql::PRUNE)
            .bind(now - retention_s)
            .bind(now - retention_s.min(DETAIL_S))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn insert(connection: &mut SqliteConnection, entry: &Entry) -> Result<EntryId, JournalError> {
    let decision = &entry.decision;
    let id = sqlx::query_scalar(sql::DECIDE)
        .bind(decision.at)
        .bind(&entry.group)
        .bind(decision.action.as_str())
        .bind(decision.reason.as_str())
        .bind(decision.current)
        .bind(decision.desired)
        .bind(entry.turn)
        .bind(entry.dry_run)
        .bind(serde_json::to_string(&entry.observation)?)
        .bind(serde_json::to_string(decision)?)
        .fetch_one(connection)
        .await?;
    Ok(EntryId(id))
}
