//! What the runbook has ops run in the database: its SQL out of its text, then `api migrate`, `api check`.

use crate::support::{TestDatabase, api, redis_url, unique};

const RUNBOOK: &str = include_str!("../../../infra/RUNBOOK.md");

/// Its block of SQL, for this role and this database instead of production's.
fn roles_sql(role: &str, database: &str) -> String {
    let (_, after) = RUNBOOK.split_once("```sql\n").unwrap();
    let (sql, _) = after.split_once("```").unwrap();
    sql.replace("exstrat_api", role).replace("DATABASE exstrat", &format!("DATABASE {database}"))
}

#[tokio::test]
async fn the_application_s_role_reads_and_writes_what_is_migrated_and_changes_no_table() {
    let database = TestDatabase::empty().await;
    let role = unique("exstrat_api");
    database.execute(&roles_sql(&role, &database.name)).await;
    assert!(api(&database).arg("migrate").status().unwrap().success());

    let server = database.url.split_once('@').unwrap().1.to_owned();
    let url = format!("postgres://{role}:...@{server}");
    let mut check = api(&database);
    // Of a small fleet: how many connections the tests' server takes is not the runbook's matter.
    check.arg("check").env("FLEET_MAX", "2").env("DATABASE_URL", &url).env("REDIS_URL", redis_url());
    let check = check.output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let may = async |what: &str| {
        let sql = format!(
            r#"SELECT bool_and(has_table_privilege('{role}', oid, '{what}')) FROM pg_class
                             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '_sqlx_migrations'"#
        );
        database.value::<bool>(&sql).await
    };
    for what in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        assert!(may(what).await, "{what}");
    }
    for what in ["TRUNCATE", "TRIGGER"] {
        assert!(!may(what).await, "{what}");
    }
    let creates = format!("SELECT has_schema_privilege('{role}', 'public', 'CREATE')");
    assert!(!database.value::<bool>(&creates).await);

    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
}
