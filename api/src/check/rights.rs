//! May what is written be written?

use anyhow::ensure;
use sqlx::PgExecutor;

/// What the API does to tables besides reading them; what hangs on a deleted row goes with the rights of its table's owner.
const WRITTEN: &[(&str, &str)] = &[
    ("User", "INSERT UPDATE"),
    ("Token", "INSERT UPDATE"),
    ("Portfolio", "INSERT UPDATE DELETE"),
    ("Holding", "INSERT UPDATE DELETE"),
    ("Transaction", "INSERT UPDATE DELETE"),
    ("Strategy", "INSERT UPDATE DELETE"),
    ("StrategyStep", "INSERT UPDATE"),
    ("UserStrategy", "INSERT UPDATE DELETE"),
    ("TokenStrategyConfiguration", "INSERT UPDATE DELETE"),
    ("TheoreticalStrategy", "INSERT UPDATE DELETE"),
    ("Forecast", "INSERT UPDATE DELETE"),
    ("TokenPrice", "INSERT UPDATE"),
    ("ForecastDue", "INSERT UPDATE DELETE"),
];

/// Whether our role may write what is written, at the primary; an error names what it may not. Rights to single columns
/// count. Tables that are absent are the schema's business.
pub(crate) async fn check(executor: impl PgExecutor<'_>) -> anyhow::Result<()> {
    let (tables, rights): (Vec<String>, Vec<String>) =
        each().map(|(t, r)| (t.to_owned(), r.to_owned())).unzip();
    let missing = sqlx::query_scalar!(
        r#"
        SELECT w.name || ' (' || string_agg(w.privilege, ', ' ORDER BY w.privilege) || ')' AS "missing!"
        FROM unnest($1::text[], $2::text[]) AS w (name, privilege)
        JOIN pg_class c ON c.relname = w.name
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        WHERE NOT CASE w.privilege WHEN 'DELETE' THEN has_table_privilege(c.oid, w.privilege)
                                   ELSE has_any_column_privilege(c.oid, w.privilege) END
        GROUP BY w.name ORDER BY w.name
        "#,
        &tables,
        &rights
    )
    .fetch_all(executor)
    .await?;
    ensure!(missing.is_empty(), "no right to write {}", missing.join(", "));
    Ok(())
}

fn each() -> impl Iterator<Item = (&'static str, &'static str)> {
    WRITTEN.iter().flat_map(|(table, rights)| rights.split(' ').map(|right| (*table, right)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Only `api seed` writes them.
    const SEEDED: [&str; 2] = ["StrategyTemplate", "ProfitTakingTemplate"];

    /// What a statement writes, and by which right.
    fn written(statement: &str) -> Vec<(String, &'static str)> {
        let verbs = [("INSERT INTO \"", "INSERT"), ("UPDATE \"", "UPDATE"), ("DELETE FROM \"", "DELETE")];
        let mut written = Vec::new();
        for (verb, right) in verbs {
            for table in statement.split(verb).skip(1).filter_map(|rest| rest.split('"').next()) {
                written.push((table.to_owned(), right));
                if right == "INSERT" && statement.contains("DO UPDATE") {
                    written.push((table.to_owned(), "UPDATE"));
                }
            }
        }
        written
    }

    /// `.sqlx` has every statement that is compiled.
    #[test]
    fn every_table_that_is_written_is_asked_for() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
        let mut found = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let query: serde_json::Value =
                serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
            found.extend(written(query["query"].as_str().unwrap()));
        }
        found.retain(|(table, _)| !SEEDED.contains(&table.as_str()));
        let asked_for: BTreeSet<_> = each().map(|(table, right)| (table.to_owned(), right)).collect();
        assert_eq!(asked_for, found);
    }
}
