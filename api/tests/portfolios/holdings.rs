//! `GET /portfolios/{id}/holdings`, and of several portfolios

use serde_json::json;

use crate::support::TestApp;

/// Sorted by symbol; 38 digits survive; without a current price there is no member and the average price counts;
/// nothing invested is 0 per cent.
#[tokio::test]
async fn lists_a_portfolios_holdings_exactly() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios/a-main/holdings", "alice").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        concat!(
            r#"[{"id":"h-ada","quantity":12345678901234567890.123456789012345678,"#,
            r#""investedAmount":0.000000000000000001,"averagePrice":1,"currentPrice":2,"#,
            r#""lastUpdated":"2025-02-02T00:00:00.000Z","#,
            r#""token":{"id":"t-ada","symbol":"ADA","name":"Cardano","logoUrl":null},"#,
            r#""currentValue":24691357802469135780.246913578024691356,"#,
            r#""profitLoss":24691357802469135780.246913578024691355,"#,
            r#""profitLossPercentage":2469135780246913578024691357802469135500},"#,
            r#"{"id":"h-eth","quantity":1.5,"investedAmount":0,"averagePrice":0,"currentPrice":3000.25,"#,
            r#""lastUpdated":"2025-02-02T00:00:00.000Z","#,
            r#""token":{"id":"t-eth","symbol":"ETH","name":"Ethereum","logoUrl":null},"#,
            r#""currentValue":4500.375,"profitLoss":4500.375,"profitLossPercentage":0}]"#,
        )
    );
}

#[tokio::test]
async fn without_a_current_price_the_average_price_counts() {
    let app = TestApp::with_two_users().await;
    assert_eq!(
        app.get("/portfolios/a-old/holdings", "alice").await.text(),
        concat!(
            r#"[{"id":"h-btc","quantity":0.1,"investedAmount":3000,"averagePrice":30000,"#,
            r#""lastUpdated":"2025-02-02T00:00:00.000Z","#,
            r#""token":{"id":"t-btc","symbol":"BTC","name":"Bitcoin","logoUrl":"https://example.com/btc.png"},"#,
            r#""currentValue":3000,"profitLoss":0,"profitLossPercentage":0}]"#,
        )
    );
}

#[tokio::test]
async fn an_empty_portfolio_is_an_empty_list() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios/a-new/holdings", "alice").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "[]"));
}

/// Whether it is somebody else's, with holdings or without, or nobody's, the answer is the same to the byte.
#[tokio::test]
async fn a_portfolio_that_is_not_ones_own_is_not_found() {
    let app = TestApp::with_two_users().await;
    for id in ["a-main", "a-new", "nobodys", "%00", "%ff", "a%27%20OR%201=1"] {
        let answer = app.get(&format!("/portfolios/{id}/holdings"), "bob").await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(
            answer.text(),
            concat!(
                r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Portfolio not found","#,
                r#""statusCode":404,"message":"Portfolio not found","error":"Not Found"}"#
            )
        );
    }
}

/// Two choices are two answers; one tag for both would tell a client that they are the same.
#[tokio::test]
async fn a_choice_of_portfolios_is_not_tagged_as_the_whole() {
    let app = TestApp::with_two_users().await;
    let batch = async |body| app.ask("POST", "/portfolios/holdings/batch", "alice", &body).await;
    assert!(batch(json!({})).await.headers.contains_key("etag"), "the whole is");
    let choice = batch(json!({"portfolioIds": ["a-main"]})).await;
    assert_eq!(choice.status, 200);
    assert!(!choice.headers.contains_key("etag"), "{}", choice.header("etag"));
}
