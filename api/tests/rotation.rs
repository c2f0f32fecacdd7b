//! Credentials rotate: the file says others, and new connections use them.

use api::settings::DatabaseSettings;

use crate::support::{TestApp, TestDatabase, eventually, unique};

#[tokio::test]
async fn new_connections_use_what_the_file_says_now() {
    let database = TestDatabase::with_two_users().await;
    let roles = [unique("old"), unique("new")];
    for role in &roles {
        database
            .execute(&format!(
                r#"CREATE ROLE "{role}" LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}""#
            ))
            .await;
    }
    let server = database.url.split_once('@').unwrap().1.to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    let write = |role: &str| std::fs::write(&file, format!("postgres://{role}:x@{server}\n")).unwrap();
    write(&roles[0]);
    let settings = DatabaseSettings {
        url: None,
        url_file: Some(file.clone()),
        ..DatabaseSettings::at("postgres://unused".parse().unwrap())
    };
    let app = TestApp::with(database, settings, None).await;
    assert_eq!(app.get("/portfolios", "alice").await.status, 200);

    let watched = app.state.clone();
    let watching = tokio::spawn(async move { watched.database.watch().await });
    write(&roles[1]);
    // The old role is closed, and its connections with it.
    app.database
        .execute(&format!(
            r#"ALTER ROLE "{0}" NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{0}'"#,
            roles[0]
        ))
        .await;
    eventually("reads succeed with the new credentials", async || {
        app.get("/portfolios", "alice").await.status == 200
    })
    .await;
    watching.abort();
    for role in &roles {
        app.database
            .execute(&format!(
                r#"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}';
                   DROP OWNED BY "{role}"; DROP ROLE "{role}""#
            ))
            .await;
    }
}
