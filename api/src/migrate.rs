//! `api migrate`: creates what is absent of ExStrat's tables and indexes.

use anyhow::Context;
use sqlx::PgPool;
use sqlx::migrate::Migrator;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Runs the migrations that this database has not seen. Several processes may do it at once: one does the work.
pub async fn run(pool: &PgPool) -> anyhow::Result<()> {
    MIGRATOR.run(pool).await.context("the migrations did not run to their end")
}
