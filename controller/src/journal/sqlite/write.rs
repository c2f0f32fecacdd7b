//! Writing: the [`Journal`] port on `SQLite`.

use scaling::State;
use sqlx::SqliteConnection;

use super::{Entry, EntryId, JournalError, Outcome, Recovery, SqliteJournal, recover};
use crate::ports::Journal;

/// Holds that say what the hold before them said, and all observations, are kept for two days: enough to replay and
/// explain a night, while the turns are kept for the whole retention.
const DETAIL_S: f64 = 2.0 * 86_400.0;

impl Journal for SqliteJournal {
    async fn recover(&self, group: &str, now: f64) -> Result<Recovery, JournalError> {
        recover::recover(&self.pool, group, now).await
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
        sqlx::query("INSERT OR REPLACE INTO outcome (decision_id, at, result, detail) VALUES (?, ?, ?, ?)")
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
            sqlx::query(
                "INSERT OR REPLACE INTO snapshot (group_name, at, through_id, state)
                 SELECT ?1, ?2, coalesce(max(id), 0), ?3 FROM decision WHERE group_name = ?1",
            )
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
        sqlx::query("DELETE FROM decision WHERE at < ?1 OR (at < ?2 AND turn = 0)")
            .bind(now - retention_s)
            .bind(now - retention_s.min(DETAIL_S))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn insert(connection: &mut SqliteConnection, entry: &Entry) -> Result<EntryId, JournalError> {
    let decision = &entry.decision;
    let inserted = sqlx::query(
        "INSERT INTO decision
           (at, group_name, action, reason, current, desired, turn, dry_run, observation, decision)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
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
    .execute(connection)
    .await?;
    Ok(EntryId(inserted.last_insert_rowid()))
}
