//! `api seed`

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{TestApp, TestDatabase, api};

fn seed(database: &TestDatabase, flags: &[&str]) {
    let output = api(database).arg("seed").args(flags).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A digest of every row of every seeded table.
async fn contents(database: &TestDatabase) -> Vec<String> {
    let mut digests = Vec::new();
    for table in [
        "User",
        "Token",
        "Portfolio",
        "Holding",
        "UserStrategy",
        "TokenStrategyConfiguration",
        "Forecast",
        "Transaction",
        "Strategy",
        "StrategyStep",
    ] {
        let digest = format!(
            r#"SELECT concat('{table} ', count(*), ' ', md5(string_agg((to_jsonb(t) - 'createdAt')::text, ',' ORDER BY t.id)))
               FROM "{table}" t"#
        );
        digests.push(database.value(&digest).await);
    }
    digests
}

#[tokio::test]
async fn seeding_again_changes_nothing_and_more_only_adds() {
    let database = TestDatabase::migrated().await;
    seed(&database, &["--users", "20"]);
    let first = contents(&database).await;
    assert!(first[0].starts_with("User 20 ") && first[1].starts_with("Token 20 "), "{first:?}");
    seed(&database, &["--users", "20"]);
    assert_eq!(contents(&database).await, first);
    seed(&database, &["--users", "25"]);
    seed(&database, &["--users", "3"]);
    assert_eq!(database.value::<i64>(r#"SELECT count(*) FROM "User""#).await, 25);
}

#[tokio::test]
async fn two_databases_get_the_same_users() {
    let (one, other) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    seed(&one, &["--users", "7"]);
    seed(&other, &["--users", "7"]);
    assert_eq!(contents(&one).await, contents(&other).await);
}

#[tokio::test]
async fn users_are_believable() {
    let database = TestDatabase::migrated().await;
    seed(&database, &["--users", "50"]);
    let holdings = r#"SELECT concat(min(n), ' to ', max(n)) FROM (
        SELECT count(h.id) AS n FROM "Portfolio" p LEFT JOIN "Holding" h ON h."portfolioId" = p.id GROUP BY p."userId") c"#;
    assert_eq!(database.value::<String>(holdings).await, "3 to 12");
    let strange = r#"SELECT count(*) FROM "Holding"
        WHERE quantity <= 0 OR "averagePrice" <= 0 OR "investedAmount" NOT BETWEEN 10 AND 10000"#;
    assert_eq!(database.value::<i64>(strange).await, 0);
    let defaults = r#"SELECT count(*) FROM "User" u
        WHERE (SELECT count(*) FROM "Portfolio" p WHERE p."userId" = u.id AND p."isDefault") <> 1"#;
    assert_eq!(database.value::<i64>(defaults).await, 0);
    let astray = r#"SELECT count(*) FROM "TokenStrategyConfiguration" c JOIN "Holding" h ON h.id = c."holdingId"
        JOIN "UserStrategy" s ON s.id = c."userStrategyId" WHERE s."portfolioId" <> h."portfolioId""#;
    assert_eq!(database.value::<i64>(astray).await, 0);
}

#[tokio::test]
async fn holdings_are_what_was_bought() {
    let database = TestDatabase::migrated().await;
    seed(&database, &["--users", "50"]);
    let differ = r#"SELECT count(*) FROM "Holding" h JOIN "Token" t ON t.id = h."tokenId"
        WHERE (h.quantity, h."investedAmount") IS DISTINCT FROM (
            SELECT (sum(x.quantity), sum(x."amountInvested")) FROM "Transaction" x
            WHERE x."portfolioId" = h."portfolioId" AND x.symbol = t.symbol AND x.type = 'BUY')"#;
    assert_eq!(database.value::<i64>(differ).await, 0);
    let ladders = r#"SELECT count(DISTINCT s."userId") FROM "Strategy" s JOIN "StrategyStep" t ON t."strategyId" = s.id
        WHERE t."targetPrice" = s."refPrice" * (1 + t."targetPct" / 100)"#;
    assert_eq!(database.value::<i64>(ladders).await, 50);
    // Nothing moves when one is written again.
    let app = TestApp::on(database, None).await;
    let user = "seed-user-0000001";
    let before = app.get("/dashboard", user).await.json()["totals"].clone();
    let path = "/transactions/seed-transaction-0000001-1";
    assert_eq!(app.ask("PATCH", path, user, &serde_json::json!({"notes": "x"})).await.status, 200);
    assert_eq!(app.get("/dashboard", user).await.json()["totals"], before);
}

/// A database that knows Bitcoin by another id keeps that id, and the holdings follow it.
#[tokio::test]
async fn tokens_that_are_there_are_used() {
    let database = TestDatabase::migrated().await;
    database.execute(r#"INSERT INTO "Token" (id, symbol, name) VALUES ('mine', 'BTC', 'My Bitcoin')"#).await;
    seed(&database, &["--users", "20"]);
    assert_eq!(
        database.value::<String>(r#"SELECT name FROM "Token" WHERE symbol = 'BTC'"#).await,
        "My Bitcoin"
    );
    assert!(database.value::<i64>(r#"SELECT count(*) FROM "Holding" WHERE "tokenId" = 'mine'"#).await > 0);
}

#[tokio::test]
async fn the_tokens_written_open_the_users_dashboards() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    let database = TestDatabase::migrated().await;
    seed(&database, &["--users", "3", "--tokens-out", file.to_str().unwrap()]);
    assert_eq!(mode(&file), 0o600, "it opens accounts");
    let lines = std::fs::read_to_string(&file).unwrap();
    let app = TestApp::on(database, None).await;
    for line in lines.lines() {
        let (token, portfolio) = line.split_once('\t').unwrap();
        let authorization = format!("Bearer {token}");
        let path = format!("/portfolios/{portfolio}/holdings");
        let holdings = app.get_with(&path, &[("authorization", &authorization)]).await;
        assert_eq!(holdings.status, 200);
        assert!(!holdings.json().as_array().unwrap().is_empty());
        let portfolios = app.get_with("/portfolios", &[("authorization", &authorization)]).await.json();
        assert_eq!((&portfolios[0]["id"], &portfolios[0]["isDefault"]), (&portfolio.into(), &true.into()));
    }
    assert_eq!(lines.lines().count(), 3);
}

#[tokio::test]
async fn without_a_secret_no_tokens_are_written() {
    let database = TestDatabase::migrated().await;
    let output = api(&database)
        .env_remove("JWT_SECRET")
        .args(["seed", "--users", "1", "--tokens-out", "x"])
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("JWT_SECRET is not set"));
    assert_eq!(database.value::<i64>(r#"SELECT count(*) FROM "User""#).await, 0);
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}
