//! `api check`: is this configuration fit for serving? It asks everything and says everything, good and bad,
//! so that an operator mends all of it at once.

use std::collections::HashSet;

use anyhow::ensure;
use sqlx::PgPool;

use crate::database::Database;
use crate::settings::{self, CheckSettings};

/// What the queries of this version read.
const COLUMNS: &[(&str, &[&str])] = &[
    ("Portfolio", &["id", "userId", "name", "description", "isDefault", "createdAt", "updatedAt"]),
    ("Token", &["id", "symbol", "name", "logoUrl"]),
    (
        "Holding",
        &[
            "id",
            "portfolioId",
            "tokenId",
            "quantity",
            "investedAmount",
            "averagePrice",
            "currentPrice",
            "lastUpdated",
        ],
    ),
    (
        "UserStrategy",
        &["id", "userId", "portfolioId", "name", "description", "status", "createdAt", "updatedAt"],
    ),
    ("TokenStrategyConfiguration", &["id", "userStrategyId"]),
    ("ForecastDue", &["userId", "isWritten", "since"]),
    (
        "Forecast",
        &["id", "userId", "portfolioId", "name", "appliedStrategies", "summary", "notes", "createdAt"],
    ),
];

/// Prints a line a check; an error if any failed.
pub async fn run(settings: &CheckSettings) -> anyhow::Result<()> {
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
                report("the fleet's connections fit the database", database.check_room().await);
                report("the schema has every column that is read", schema(database.primary()).await);
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

async fn schema(pool: &PgPool) -> anyhow::Result<()> {
    let present: HashSet<(String, String)> = sqlx::query!(
        r#"
        SELECT table_name::text AS "table!", column_name::text AS "column!"
        FROM information_schema.columns WHERE table_schema = current_schema()
        "#
    )
    .map(|row| (row.table, row.column))
    .fetch_all(pool)
    .await?
    .into_iter()
    .collect();
    let missing: Vec<String> =
        COLUMNS.iter().filter_map(|(table, columns)| missing(table, columns, &present)).collect();
    ensure!(
        missing.is_empty(),
        "missing {} (api migrate creates tables that are absent)",
        missing.join(", ")
    );
    Ok(())
}

/// The table's name where it is absent, else its columns that are.
fn missing(table: &str, columns: &[&str], present: &HashSet<(String, String)>) -> Option<String> {
    let is_absent = |column: &&&str| !present.contains(&(table.to_owned(), (**column).to_owned()));
    let absent: Vec<&str> = columns.iter().filter(is_absent).copied().collect();
    match absent.len() {
        0 => None,
        all if all == columns.len() => Some(table.to_owned()),
        _ => Some(format!("{table} ({})", absent.join(", "))),
    }
}
