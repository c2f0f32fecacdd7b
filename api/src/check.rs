//! `api check`: is this configuration fit for serving? It asks everything and says everything, good and bad,
//! so that an operator mends all of it at once.

mod rights;
mod schema;

use anyhow::ensure;

pub(crate) use rights::check as rights;
pub(crate) use schema::check as schema;

use crate::database::Database;
use crate::settings::{self, ServeSettings};

/// Prints a line a check; an error if any failed.
pub async fn run(settings: &ServeSettings) -> anyhow::Result<()> {
    let mut failed = 0;
    let mut report = |what: &str, outcome: anyhow::Result<()>| match outcome {
        Ok(()) => println!("ok      {what}"),
        Err(error) => {
            failed += 1;
            println!("failed  {what}: {error:#}");
        }
    };
    report("JWT_SECRET is long enough", settings::access_tokens().map(drop));
    match Database::open(&settings.database) {
        Ok(database) => {
            let reached = database.reach_primary().await;
            let answers = reached.is_ok();
            report("the database answers", reached);
            if let Some(reached) = database.reach_replica().await {
                report("the replica answers", reached);
            }
            if answers {
                report("the fleet's connections fit the database", database.room_at_primary().await);
            }
            if let Some(room) = database.room_at_replica().await {
                report("the fleet's connections fit the replica", room);
            }
            if answers {
                report("the schema has every column that is read", schema(database.primary()).await);
                report("what is written may be written", rights(database.primary()).await);
            }
        }
        Err(error) => report("the database's address can be read", Err(error)),
    }
    if let Some(reached) = settings.cache.reach().await {
        // The API serves without it, from the database.
        report("Redis answers", reached);
    }
    ensure!(failed == 0, "{failed} of the checks failed");
    Ok(())
}
