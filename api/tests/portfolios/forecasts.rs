//! `GET /portfolios/forecasts`

use crate::support::{TestApp, TestDatabase, redis_url};

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

/// The list is the body, as without pages; how long it is and where the others are is said beside it.
#[tokio::test]
async fn a_page_says_how_many_there_are_and_where() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let link = |limit: u32| {
        let to = |page: u32, rel: &str| {
            format!(r#"</portfolios/forecasts?page={page}&limit={limit}>; rel="{rel}""#)
        };
        [to(1, "first"), to(2, "next"), to(2, "last")].join(", ")
    };
    // Of one item nobody keeps pages, of ten everybody does; the second time it comes from memory.
    for (query, links) in [("limit=1", link(1)), ("limit=1", link(1)), ("page=1&limit=1", link(1))] {
        let page = app.get(&format!("/portfolios/forecasts?{query}"), "alice").await;
        assert_eq!((page.header("x-total-count"), page.header("link")), ("2", links.as_str()));
        assert_eq!(page.json().as_array().unwrap().len(), 1);
        assert_eq!(page.json()[0]["id"], "f-1");
    }
    for cache_status in ["redis; fwd=uri-miss", "memory; hit"] {
        let page = app.get("/portfolios/forecasts?page=2&limit=10", "alice").await;
        assert_eq!((page.text(), page.header("x-total-count")), ("[]", "2"));
        assert_eq!(page.header("cache-status"), cache_status);
        let to_the_first = r#"</portfolios/forecasts?page=1&limit=10>; rel="prev""#;
        assert!(page.header("link").contains(to_the_first), "{}", page.header("link"));
    }
    let whole = app.get("/portfolios/forecasts", "alice").await;
    assert_eq!((whole.header("x-total-count"), whole.header("link")), ("", ""));
}
