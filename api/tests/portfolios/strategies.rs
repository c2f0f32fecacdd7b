//! `GET /portfolios/strategies`

use crate::support::TestApp;

#[tokio::test]
async fn lists_strategies_newest_first() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios/strategies", "alice").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        concat!(
            r#"[{"id":"s-2","name":"Alice's draft","description":null,"status":"draft","#,
            r#""createdAt":"2025-01-12T00:00:00.000Z","updatedAt":"2025-01-12T00:00:00.000Z","#,
            r#""portfolio":{"id":"a-old","name":"Alice's oldest"},"tokenConfigsCount":0},"#,
            r#"{"id":"s-1","name":"Alice's exit","description":"Slowly","status":"active","#,
            r#""createdAt":"2025-01-10T00:00:00.000Z","updatedAt":"2025-01-11T00:00:00.000Z","#,
            r#""portfolio":{"id":"a-main","name":"Alice's main"},"tokenConfigsCount":2}]"#,
        )
    );
}

#[tokio::test]
async fn a_strategy_on_somebody_elses_portfolio_is_not_listed() {
    let app = TestApp::with_two_users().await;
    let strategies = app.get("/portfolios/strategies", "bob").await.json();
    assert_eq!(strategies.as_array().unwrap().len(), 1);
    assert_eq!(strategies[0]["id"], "s-bob");
}
