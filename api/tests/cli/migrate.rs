//! `api migrate`, on nothing and on a database that ExStrat already uses.

use serde_json::json;

use crate::support::{TestApp, TestDatabase, api};

const EXISTING: &str = include_str!("../data/existing_database.sql");
const TABLES: [&str; 15] = [
    "User",
    "Token",
    "Portfolio",
    "Holding",
    "Transaction",
    "Strategy",
    "StrategyStep",
    "UserStrategy",
    "StrategyTemplate",
    "ProfitTakingTemplate",
    "TokenStrategyConfiguration",
    "TheoreticalStrategy",
    "Forecast",
    "TokenPrice",
    "ForecastDue",
];

fn migrate(database: &TestDatabase) {
    let output = api(database).arg("migrate").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every row of the tables that were there, and every column as it was declared.
async fn contents(database: &TestDatabase) -> String {
    let mut all = String::new();
    for table in ["User", "Token", "Portfolio", "Holding", "UserStrategy", "Forecast", "ExchangeAccount"] {
        let rows =
            format!(r#"SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.id), '[]')::text FROM "{table}" t"#);
        let columns = format!(
            "SELECT string_agg(concat_ws(' ', column_name, udt_name, numeric_precision, is_nullable, column_default), ', '
                               ORDER BY ordinal_position)
             FROM information_schema.columns WHERE table_name = '{table}'"
        );
        all.push_str(&database.value::<String>(&columns).await);
        all.push_str(&database.value::<String>(&rows).await);
    }
    all
}

#[tokio::test]
async fn makes_every_table() {
    let database = TestDatabase::empty().await;
    migrate(&database);
    for table in TABLES {
        let count = format!(r#"SELECT count(*) FROM "{table}""#);
        assert_eq!(database.value::<i64>(&count).await, 0, "{table}");
    }
    migrate(&database);
}

#[tokio::test]
async fn leaves_an_existing_database_intact_and_usable() {
    let database = TestDatabase::empty().await;
    database.execute(EXISTING).await;
    let before = contents(&database).await;
    migrate(&database);
    assert_eq!(contents(&database).await, before);
    migrate(&database);
    assert_eq!(contents(&database).await, before);

    let app = TestApp::on(database, None).await;
    let dashboard = app.get("/dashboard", "clx0user").await;
    assert_eq!(dashboard.status, 200, "{}", dashboard.text());
    assert!(
        dashboard.text().contains(r#""quantity":99999999999999999999.999999999999999999,"#),
        "{}",
        dashboard.text()
    );
    assert_eq!(dashboard.json()["strategies"][0]["status"], "active", "an enum reads like a text");
    let path = "/portfolios/strategies/clx0strategy";
    let updated = app.ask("PUT", path, "clx0user", &json!({"status": "paused"})).await;
    assert_eq!(
        (updated.status.as_u16(), &updated.json()["status"]),
        (200, &json!("paused")),
        "and is written like one"
    );
    let new = json!({"portfolioId": "clx0portfolio", "name": "Another", "status": "completed"});
    assert_eq!(app.ask("POST", "/portfolios/strategies", "clx0user", &new).await.status, 201);
}

#[tokio::test]
async fn gives_an_existing_database_the_indexes_that_it_lacks() {
    let database = TestDatabase::empty().await;
    database.execute(EXISTING).await;
    migrate(&database);
    for index in ["Strategy_userId_createdAt_idx", "Token_cmcId_idx", "Forecast_userId_createdAt_idx"] {
        let exists = format!("SELECT count(*) FROM pg_indexes WHERE indexname = '{index}'");
        assert_eq!(database.value::<i64>(&exists).await, 1, "{index}");
    }
}

/// Several instances may start a deployment at once.
#[tokio::test]
async fn may_run_twice_at_the_same_time() {
    let database = TestDatabase::empty().await;
    let running: Vec<_> = (0..2).map(|_| api(&database).arg("migrate").spawn().unwrap()).collect();
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
}
