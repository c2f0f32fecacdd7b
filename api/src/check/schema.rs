//! Has the database what is read?

use std::collections::HashSet;

use anyhow::ensure;
use sqlx::PgExecutor;

/// What the queries of this version read and write: tables, and their columns with spaces between.
const COLUMNS: &[(&str, &str)] = &[
    ("User", "id email password firstName lastName emailVerified createdAt"),
    ("Token", "id symbol name cmcId logoUrl createdAt"),
    ("Portfolio", "id userId name description isDefault createdAt updatedAt"),
    ("Holding", "id portfolioId tokenId quantity investedAmount averagePrice currentPrice lastUpdated"),
    (
        "Transaction",
        "id userId symbol name cmcId quantity amountInvested averagePrice type transactionDate notes \
         exchangeId portfolioId createdAt updatedAt",
    ),
    ("Strategy", "id userId name asset baseQty refPrice status notes createdAt updatedAt"),
    (
        "StrategyStep",
        "id strategyId targetType targetPct sellPct targetPrice state notes triggeredAt createdAt \
         updatedAt",
    ),
    ("UserStrategy", "id userId portfolioId name description status createdAt updatedAt"),
    ("StrategyTemplate", "id name description type isDefault isActive createdAt updatedAt"),
    ("ProfitTakingTemplate", "id name description rules isDefault isActive createdAt updatedAt"),
    (
        "TokenStrategyConfiguration",
        "id userStrategyId holdingId strategyTemplateId profitTakingTemplateId \
         customProfitTakingRules isActive createdAt updatedAt",
    ),
    (
        "TheoreticalStrategy",
        "id userId name description tokenSymbol tokenName quantity averagePrice profitTargets status \
         createdAt updatedAt",
    ),
    ("Forecast", "id userId portfolioId name appliedStrategies summary notes createdAt updatedAt"),
    ("TokenPrice", "tokenId price updatedAt forecastPrice name"),
    ("ForecastDue", "userId isWritten since"),
];

/// Whether every column that is read is there, and may be read.
pub(crate) async fn check(executor: impl PgExecutor<'_>) -> anyhow::Result<()> {
    let present: HashSet<(String, String)> = sqlx::query!(
        r#"
        SELECT c.relname::text AS "table!", a.attname::text AS "column!"
        FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE n.nspname = current_schema() AND a.attnum > 0 AND has_column_privilege(c.oid, a.attnum, 'SELECT')
        "#
    )
    .map(|row| (row.table, row.column))
    .fetch_all(executor)
    .await?
    .into_iter()
    .collect();
    let missing: Vec<String> =
        COLUMNS.iter().filter_map(|(table, columns)| missing(table, columns, &present)).collect();
    ensure!(
        missing.is_empty(),
        "missing {} (api migrate creates tables that are absent; what may not be read counts as missing)",
        missing.join(", ")
    );
    Ok(())
}

/// The table's name where it is absent, else its columns that are.
fn missing(table: &str, columns: &str, present: &HashSet<(String, String)>) -> Option<String> {
    let is_absent = |column: &&str| !present.contains(&(table.to_owned(), (*column).to_owned()));
    let absent: Vec<&str> = columns.split(' ').filter(is_absent).collect();
    match absent.len() {
        0 => None,
        all if all == columns.split(' ').count() => Some(table.to_owned()),
        _ => Some(format!("{table} ({})", absent.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::migrate::MIGRATOR;

    /// What older databases have and no statement names.
    const UNUSED: [(&str, &str); 2] = [("User", "emailVerificationToken"), ("Strategy", "exchangeAccountId")];

    type Tables<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

    /// The tables that the migrations make, with their columns: a line each, its name first.
    fn made() -> Tables<'static> {
        let mut tables = Tables::new();
        let mut table = "";
        for line in MIGRATOR.iter().flat_map(|migration| migration.sql.as_str().lines()) {
            let names: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            match names[..] {
                [name, ..] if line.starts_with("CREATE TABLE") => table = name,
                [name, column] if line.starts_with("ALTER TABLE") => {
                    tables.entry(name).or_default().insert(column);
                }
                [column, ..] if line.starts_with("    \"") => {
                    tables.entry(table).or_default().insert(column);
                }
                _ => {}
            }
        }
        for (table, column) in UNUSED {
            assert!(tables.get_mut(table).is_some_and(|columns| columns.remove(column)), "{table} {column}");
        }
        tables
    }

    #[test]
    fn every_column_is_asked_for() {
        let asked_for: Tables =
            COLUMNS.iter().map(|(table, columns)| (*table, columns.split(' ').collect())).collect();
        assert_eq!(asked_for, made());
    }
}
