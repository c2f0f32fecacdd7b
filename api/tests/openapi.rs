//! The document that describes the API, and the page that shows it.

use crate::support::TestApp;

#[tokio::test]
async fn the_document_is_served_and_describes_the_routes() {
    let app = TestApp::with_two_users().await;
    let document = app.get_as_nobody("/openapi.json").await;
    assert_eq!((document.status.as_u16(), document.header("content-type")), (200, "application/json"));
    let document = document.json();
    let create = &document["paths"]["/transactions"]["post"];
    assert_eq!(create["summary"], "A new transaction; its holding is rebuilt");
    assert_eq!(create["security"][0]["bearer"], serde_json::json!([]));
    assert!(create["responses"]["201"].is_object() && create["responses"]["default"].is_object(), "{create}");
    let page = &document["paths"]["/portfolios/forecasts"]["get"]["responses"]["200"]["headers"];
    assert!(page["X-Total-Count"].is_object() && page["Link"].is_object(), "{page}");
    let websocket = &document["paths"]["/ws"]["get"];
    assert_eq!(websocket["security"][0]["bearer"], serde_json::json!([]));
    assert!(websocket["responses"]["101"].is_object() && websocket["responses"]["default"].is_object());
    for message in ["`prices`", "`forecasts`", "`changed`", "`reconnect`"] {
        assert!(websocket["description"].as_str().unwrap().contains(message), "{websocket}");
    }
    let held = &document["paths"]["/portfolios/{portfolioId}/holdings/{holdingId}"]["put"]["parameters"];
    let names: Vec<_> = held.as_array().unwrap().iter().map(|parameter| &parameter["name"]).collect();
    assert_eq!(names, ["portfolioId", "holdingId"]);
}

#[tokio::test]
async fn the_page_is_served() {
    let app = TestApp::with_two_users().await;
    let page = app.get_as_nobody("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("/openapi.json"));
    for asset in ["/docs", "/openapi.css", "/openapi.js", "/openapi.json"] {
        let answer = app.get_as_nobody(asset).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-content-type-options")),
            (200, "nosniff"),
            "{asset}"
        );
    }
    assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
    assert!(
        !page.text().contains("<style") && !page.text().contains("<script type=\"module\">"),
        "the policy forbids it"
    );
}
