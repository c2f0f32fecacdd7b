//! `GET /portfolios/forecasts`

use crate::support::TestApp;

#[tokio::test]
async fn lists_forecasts_newest_first_whatever_form_their_summary_has() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios/forecasts", "alice").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        concat!(
            r#"[{"id":"f-1","name":"Alice's forecast","portfolioId":"a-main","portfolioName":"Alice's main","#,
            r#""createdAt":"2025-01-20T00:00:00.000Z","#,
            r#""summary":{"totalInvested":3000.000000000000000001,"totalCollected":4500,"totalProfit":1500,"#,
            r#""returnPercentage":50,"remainingTokensValue":0.1,"tokenCount":1},"#,
            r#""appliedStrategies":{"h-ada": "none", "h-eth": "s-9"},"notes":"Alice's notes"},"#,
            r#"{"id":"f-2","name":"Alice's older","portfolioId":"a-gone","portfolioName":"","#,
            r#""createdAt":"2025-01-19T00:00:00.000Z","#,
            r#""summary":{"totalInvested":7.5,"totalCollected":0,"totalProfit":0,"#,
            r#""returnPercentage":0,"remainingTokensValue":0,"tokenCount":0},"appliedStrategies":{},"notes":null}]"#,
        )
    );
}

#[tokio::test]
async fn a_forecast_that_names_somebody_elses_portfolio_does_not_tell_its_name() {
    let app = TestApp::with_two_users().await;
    let forecasts = app.get("/portfolios/forecasts", "bob").await.json();
    assert_eq!(forecasts[0]["id"], "f-bob");
    assert_eq!(forecasts[0]["portfolioName"], "");
}
