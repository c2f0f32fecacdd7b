//! `GET /dashboard`

use serde_json::json;

use crate::support::{Statements, TestApp};

#[tokio::test]
async fn holds_everything_that_the_first_screen_shows() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/dashboard", "bob").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.text(),
        concat!(
            r#"{"totals":{"investedAmount":100,"currentValue":50,"profitLoss":-50,"profitLossPercentage":-50},"#,
            r#""portfolios":[{"id":"b-main","name":"Of Bob","description":null,"isDefault":true,"#,
            r#""createdAt":"2025-01-06T10:00:00.000Z","updatedAt":"2025-01-06T10:00:00.000Z","holdingsCount":1}],"#,
            r#""holdings":[{"portfolioId":"b-main","id":"h-bob","quantity":2,"investedAmount":100,"averagePrice":50,"#,
            r#""currentPrice":25,"lastUpdated":"2025-02-02T00:00:00.000Z","#,
            r#""token":{"id":"t-eth","symbol":"ETH","name":"Ethereum","logoUrl":null},"#,
            r#""currentValue":50,"profitLoss":-50,"profitLossPercentage":-50}],"#,
            r#""strategies":[{"id":"s-bob","name":"Of Bob","description":null,"status":"paused","#,
            r#""createdAt":"2025-01-12T00:00:00.000Z","updatedAt":"2025-01-12T00:00:00.000Z","#,
            r#""portfolio":{"id":"b-main","name":"Of Bob"},"tokenConfigsCount":0}],"#,
            r#""forecasts":[{"id":"f-bob","name":"Names the other's portfolio","portfolioId":"a-main","portfolioName":"","#,
            r#""createdAt":"2025-01-20T00:00:00.000Z","summary":{"totalInvested":0,"totalCollected":0,"totalProfit":0,"#,
            r#""returnPercentage":0,"remainingTokensValue":0,"tokenCount":0},"appliedStrategies":{},"notes":null}]}"#,
        )
    );
}

/// The same lists as the routes of their own, and totals over all portfolios without a digit lost.
#[tokio::test]
async fn agrees_with_the_lists_and_adds_up_all_portfolios() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/dashboard", "alice").await;
    let dashboard = answer.json();
    for (member, path) in [
        ("portfolios", "/portfolios"),
        ("strategies", "/portfolios/strategies"),
        ("forecasts", "/portfolios/forecasts"),
    ] {
        assert_eq!(dashboard[member], app.get(path, "alice").await.json(), "{member}");
    }
    let holdings: Vec<_> =
        dashboard["holdings"].as_array().unwrap().iter().map(|h| (&h["portfolioId"], &h["id"])).collect();
    assert_eq!(
        json!(holdings),
        json!([["a-main", "h-ada"], ["a-old", "h-btc"], ["a-main", "h-eth"]]),
        "by symbol over all portfolios"
    );
    assert!(answer.text().starts_with(concat!(
        r#"{"totals":{"investedAmount":3000.000000000000000001,"currentValue":24691357802469143280.621913578024691356,"#,
        r#""profitLoss":24691357802469140280.621913578024691355,"profitLossPercentage":823045260082304676.0205},"#
    )), "{}", answer.text());
}

/// Whatever the user has, a cold dashboard is five statements at most.
#[tokio::test]
async fn is_read_in_five_statements() {
    let app = TestApp::with_two_users().await;
    app.database
        .execute(
            r#"
            INSERT INTO "Portfolio" (id, "userId", name, "updatedAt") SELECT 'p' || n, 'alice', 'P', now() FROM generate_series(1, 50) n;
            INSERT INTO "Holding" (id, "portfolioId", "tokenId", quantity, "investedAmount", "averagePrice")
                SELECT 'h' || n, 'p' || n, 't-btc', 1, 1, 1 FROM generate_series(1, 50) n;
            "#,
        )
        .await;
    // Each connection begins with a statement, which is no part of a request.
    app.state.database.connect().await.unwrap();
    let statements = Statements::count();
    for user in ["alice", "bob", "carol"] {
        assert_eq!(app.get("/dashboard", user).await.status, 200);
        assert!((1..=5).contains(&statements.take()), "{user}");
    }
}

#[tokio::test]
async fn of_a_user_with_nothing_is_empty() {
    let app = TestApp::with_two_users().await;
    assert_eq!(
        app.get("/dashboard", "carol").await.text(),
        concat!(
            r#"{"totals":{"investedAmount":0,"currentValue":0,"profitLoss":0,"profitLossPercentage":0},"#,
            r#""portfolios":[],"holdings":[],"strategies":[],"forecasts":[]}"#
        )
    );
}
