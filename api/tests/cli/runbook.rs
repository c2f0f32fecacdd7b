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
async fn both_users_of_the_application_read_and_write_what_is_migrated_and_change_no_table() {
    let database = TestDatabase::empty().await;
    let role = unique("exstrat_api");
    database.execute(&roles_sql(&role, &database.name)).await;
    assert!(api(&database).arg("migrate").status().unwrap().success());

    for user in [format!("{role}_a"), format!("{role}_b")] {
        serves(&database, &user);
        reads_and_writes(&database, &user).await;
        database.execute(&format!(r#"DROP OWNED BY "{user}"; DROP ROLE "{user}""#)).await;
    }
    database.execute(&format!(r#"DROP OWNED BY "{role}"; DROP ROLE "{role}""#)).await;
}

fn serves(database: &TestDatabase, user: &str) {
    let server = database.url.split_once('@').unwrap().1;
    let mut check = api(database);
    check.arg("check").env("DATABASE_URL", format!("postgres://{user}:...@{server}"));
    // Of a small fleet: how many connections the tests' server takes is not the runbook's matter.
    let check = check.env("FLEET_MAX", "2").env("REDIS_URL", redis_url()).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

async fn reads_and_writes(database: &TestDatabase, user: &str) {
    let may = async |what: &str| {
        let sql = format!(
            r#"SELECT bool_and(has_table_privilege('{user}', oid, '{what}')) FROM pg_class
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
    let creates = format!("SELECT has_schema_privilege('{user}', 'public', 'CREATE')");
    assert!(!database.value::<bool>(&creates).await);
    // By itself: what is set for a role is not inherited by its members.
    let limited = format!(
        "SELECT EXISTS (SELECT FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole
         WHERE rolname = '{user}' AND 'statement_timeout=30s' = ANY (setconfig))"
    );
    assert!(database.value::<bool>(&limited).await);
}
