//! Strategies on portfolios, theoretical strategies, templates, and the forecasts that apply them.

use axum::http::Request;
use serde_json::{Value, json};
use sqlx::Executor;

use crate::support::{TestApp, access_token};

#[tokio::test]
async fn a_theoretical_strategy_says_what_it_would_bring() {
    let app = TestApp::with_two_users().await;
    let theory = app.get("/portfolios/theoretical-strategies/th-1", "alice").await.json();
    // 5 sold 50 above, 1 sold 100 above.
    assert_eq!((&theory["totalInvested"], &theory["expectedProfit"]), (&json!(1000), &json!(350)));
    assert_eq!((&theory["returnPercentage"], &theory["numberOfTargets"]), (&json!(35), &json!(2)));
    let path = "/portfolios/theoretical-strategies/th-1";
    let updated =
        app.ask("PUT", path, "alice", &json!({"averagePrice": 50, "description": "x"})).await.json();
    assert_eq!((&updated["expectedProfit"], &updated["description"]), (&json!(275), &json!("x")));
    assert_eq!(
        app.ask("PUT", path, "alice", &json!({"description": null})).await.json()["description"],
        Value::Null
    );
}

#[tokio::test]
async fn a_forecast_is_computed_by_the_server() {
    let app = TestApp::with_two_users().await;
    app.database.execute(r#"UPDATE "Holding" SET quantity = 10, "averagePrice" = 100, "currentPrice" = 120 WHERE id = 'h-ada'"#).await;
    let lie = json!({"totalInvested": 1, "totalProfit": 1_000_000});
    let new = json!({"portfolioId": "a-main", "name": "F", "appliedStrategies": {"h-ada": "th-1", "h-eth": "none"}, "summary": lie});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        made["summary"],
        json!({"totalInvested": 1000, "totalCollected": 950, "totalProfit": 430, "returnPercentage": 43,
               "remainingTokensValue": 480, "tokenCount": 1})
    );
    let path = format!("/portfolios/forecasts/{}", made["id"].as_str().unwrap());
    let details = app.get(&format!("{path}/details"), "alice").await.json();
    assert_eq!(
        (details["holdings"].as_array().unwrap().len(), &details["strategies"][0]["id"]),
        (2, &json!("th-1"))
    );
    let kept = app.ask("PUT", &path, "alice", &json!({"appliedStrategies": {}})).await.json();
    assert_eq!(kept["summary"]["tokenCount"], 0);
}

#[tokio::test]
async fn a_forecast_names_only_what_is_ones_own() {
    let app = TestApp::with_two_users().await;
    let forecast = |portfolio: &str, holding: &str, strategy: &str| json!({"portfolioId": portfolio, "name": "F", "appliedStrategies": {holding: strategy}});
    let cases = [
        (forecast("a-main", "h-ada", "none"), "portfolio"),
        (forecast("b-main", "h-ada", "none"), "holding"),
        (forecast("b-main", "h-bob", "th-1"), "strategy"),
        (forecast("b-main", "h-bob", "st-1"), "strategy"),
    ];
    for (new, what) in cases {
        let refused = app.ask("POST", "/portfolios/forecasts", "bob", &new).await;
        let message = format!("The {what} is not one of yours");
        assert_eq!((refused.status.as_u16(), &refused.json()["message"]), (403, &json!(message)), "{new}");
    }
    assert_eq!(app.get("/portfolios/forecasts/gone", "bob").await.status, 404, "and not 500");
}

#[tokio::test]
async fn no_forecast_is_made_in_a_portfolio_that_is_going() {
    let app = TestApp::with_two_users().await;
    // As another instance's request does it: the user's writes wait for its end.
    let mut other = app.database.pool.begin().await.unwrap();
    let delete = r#"INSERT INTO "ForecastDue" ("userId", "isWritten") VALUES ('alice', true);
                    DELETE FROM "Portfolio" WHERE id = 'a-new'"#;
    other.execute(sqlx::raw_sql(delete)).await.unwrap();
    let new = json!({"portfolioId": "a-new", "name": "F", "appliedStrategies": {}});
    let update = json!({"portfolioId": "a-new"});
    let (made, moved, ()) = tokio::join!(
        app.ask("POST", "/portfolios/forecasts", "alice", &new),
        app.ask("PUT", "/portfolios/forecasts/f-1", "alice", &update),
        async {
            app.database.somebody_waits().await;
            other.commit().await.unwrap();
        }
    );
    assert_eq!((made.status.as_u16(), moved.status.as_u16()), (403, 403));
    let orphans = r#"SELECT count(*) FROM "Forecast" WHERE "portfolioId" = 'a-new'"#;
    assert_eq!(app.database.value::<i64>(orphans).await, 0);
}

#[tokio::test]
async fn a_forecast_that_moves_leaves_its_strategies_behind() {
    let app = TestApp::with_two_users().await;
    let path = "/portfolios/forecasts/f-1";
    let stays = app.ask("PUT", path, "alice", &json!({"portfolioId": "a-main"})).await.json();
    assert_eq!(stays["appliedStrategies"], json!({"h-ada": "none", "h-eth": "s-9"}));
    let moved = app.ask("PUT", path, "alice", &json!({"portfolioId": "a-old"})).await.json();
    assert_eq!((&moved["portfolioId"], &moved["appliedStrategies"]), (&json!("a-old"), &json!({})));
}

#[tokio::test]
async fn forecasts_come_a_page_at_a_time_where_asked_for() {
    let app = TestApp::with_two_users().await;
    let ids = async |query: &str| {
        let page = app.get(&format!("/portfolios/forecasts{query}"), "alice").await.json();
        page.as_array()
            .unwrap()
            .iter()
            .map(|forecast| forecast["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["f-1", "f-2"]);
    assert_eq!(ids("?limit=1").await, ["f-1"]);
    assert_eq!(ids("?limit=1&page=2").await, ["f-2"]);
}

#[tokio::test]
async fn a_strategy_configures_the_holdings_of_its_portfolio() {
    let app = TestApp::with_two_users().await;
    let path = "/portfolios/strategies/s-1/token-configs";
    let new =
        json!({"holdingId": "h-ada", "strategyTemplateId": "template", "profitTakingTemplateId": "rules"});
    let made = app.ask("POST", path, "alice", &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (&made["id"], &made["strategyTemplate"]["type"]),
        (&json!("c-2"), &json!("percentage")),
        "it had one"
    );
    assert_eq!(made["profitTakingTemplate"]["rules"], json!([{"gain": 100, "sell": 50}]));
    assert_eq!(app.get(path, "alice").await.json().as_array().unwrap().len(), 2);
    let rules = r#"[{"gain":0.123456789012345678901,"sellPercentage":40}]"#;
    let own = format!(r#"{{"holdingId": "h-ada", "customProfitTakingRules": {rules}}}"#);
    let request = Request::post(path)
        .header("authorization", format!("Bearer {}", access_token("alice")))
        .header("content-type", "application/json");
    let own = app.send(request.body(own.into()).unwrap()).await;
    assert!(own.text().contains("0.123456789012345678901"), "to the last digit: {}", own.text());
    let most = json!({"holdingId": "h-ada", "customProfitTakingRules": [{"sellPercentage": 250}]});
    let most = app.ask("POST", path, "alice", &most).await;
    assert_eq!((most.status.as_u16(), &most.json()["field"]), (422, &json!("customProfitTakingRules")));
    let elsewhere = app.ask("POST", path, "alice", &json!({"holdingId": "h-btc"})).await;
    assert_eq!(elsewhere.status, 403, "another portfolio's holding");
    let unknown =
        app.ask("POST", path, "alice", &json!({"holdingId": "h-ada", "strategyTemplateId": "x"})).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["field"]), (422, &json!("strategyTemplateId")));
}

#[tokio::test]
async fn public_routes_may_be_kept_and_take_no_identity() {
    let app = TestApp::with_two_users().await;
    app.database.execute(r#"INSERT INTO "TokenPrice" VALUES ('t-btc', 95234.5, '2025-02-03')"#).await;
    for path in [
        "/portfolios/templates/strategies",
        "/portfolios/templates/profit-taking",
        "/public/tokens",
        "/public/prices",
    ] {
        let answer = app.get_as_nobody(path).await;
        assert_eq!(answer.status, 200, "{path}");
        let kept = answer.header("cache-control");
        assert!(kept.starts_with("public, ") && kept.contains("s-maxage="), "{path}: {kept}");
        assert_eq!(answer.text(), app.get(path, "alice").await.text(), "{path}");
        assert_ne!(answer.text(), "[]", "{path}");
    }
    let prices = app.get_as_nobody("/public/prices").await;
    assert_eq!(prices.text(), r#"[{"symbol":"BTC","price":95234.5,"updatedAt":"2025-02-03T00:00:00.000Z"}]"#);
    let listing = app.get("/tokens/1", "bob").await.json();
    assert_eq!((&listing["symbol"], &listing["quote"]["USD"]["price"]), (&json!("BTC"), &json!(95234.5)));
    let found = app.get("/tokens/search?symbol=et", "bob").await.json();
    assert_eq!(found[0]["symbol"], "ETH");
    assert_eq!(app.get("/tokens/abc", "bob").await.status, 404);
    assert_eq!(app.get("/tokens/search", "bob").await.status, 422);
}
