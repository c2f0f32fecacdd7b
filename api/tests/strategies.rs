//! `/strategies`: the 100 % rule on every write, targets that follow, summaries.

use serde_json::{Value, json};

use crate::support::TestApp;

fn strategy(shares: [i64; 2]) -> Value {
    json!({
        "name": "Ladder", "symbol": "SOL", "tokenName": "Solana", "cmcId": 5426, "baseQuantity": 10,
        "referencePrice": 100,
        "steps": [
            {"targetType": "exact_price", "targetValue": 300, "sellPercentage": shares[0]},
            {"targetType": "percentage_of_average", "targetValue": 50, "sellPercentage": shares[1]},
        ],
    })
}

#[tokio::test]
async fn a_new_strategy_has_its_targets_lowest_first() {
    let app = TestApp::with_two_users().await;
    let made = app.ask("POST", "/strategies", "alice", &strategy([20, 50])).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (&made["symbol"], &made["tokenName"], &made["cmcId"]),
        (&json!("SOL"), &json!("Solana"), &json!(5426))
    );
    let steps: Vec<_> = made["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["targetPrice"].clone(), step["targetValue"].clone(), step["sellQuantity"].clone()))
        .collect();
    assert_eq!(steps, [(json!(150), json!(50), json!(5)), (json!(300), json!(300), json!(2))]);
    let path = format!("/strategies/{}/summary", made["id"].as_str().unwrap());
    assert_eq!(
        app.get(&path, "alice").await.json(),
        json!({"totalSteps": 2, "activeSteps": 2, "completedSteps": 0, "totalTokensToSell": 7, "remainingTokens": 3,
               "estimatedTotalProfit": 650})
    );
}

#[tokio::test]
async fn no_write_makes_the_steps_sell_more_than_everything() {
    let app = TestApp::with_two_users().await;
    let refused = app.ask("POST", "/strategies", "alice", &strategy([60, 50])).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["field"], "steps");
    // The other step sells 50.
    let update = async |share: f64| {
        app.ask("PATCH", "/strategies/st-1/steps/step-1", "alice", &json!({"sellPercentage": share})).await
    };
    assert_eq!(update(50.0).await.status, 200);
    let refused = update(50.5).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("sellPercentage")));
}

#[tokio::test]
async fn targets_follow_the_reference_price() {
    let app = TestApp::with_two_users().await;
    let updated = app.ask("PATCH", "/strategies/st-1", "alice", &json!({"referencePrice": 300})).await.json();
    let targets: Vec<_> = updated["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["id"].as_str().unwrap(), step["targetPrice"].clone()))
        .collect();
    assert_eq!(targets, [("step-2", json!(300)), ("step-1", json!(450))], "an exact price stays");
}

#[tokio::test]
async fn a_triggered_step_says_since_when() {
    let app = TestApp::with_two_users().await;
    let set = async |state: &str| {
        let updated =
            app.ask("PATCH", "/strategies/st-1/steps/step-1", "alice", &json!({"state": state})).await;
        updated.json()["steps"][0].clone()
    };
    assert!(set("triggered").await["triggeredAt"].is_string());
    assert_eq!(set("pending").await["triggeredAt"], Value::Null);
}

#[tokio::test]
async fn are_found_by_symbol_and_status_a_page_at_a_time() {
    let app = TestApp::with_two_users().await;
    for _ in 0..2 {
        assert_eq!(app.ask("POST", "/strategies", "alice", &strategy([1, 1])).await.status, 201);
    }
    let found = async |query: &str| app.get(&format!("/strategies?{query}"), "alice").await.json();
    assert_eq!(found("").await["total"], 3);
    assert_eq!(found("symbol=sol&status=active").await["total"], 2);
    assert_eq!(found("status=paused").await["total"], 0);
    assert_eq!(found("limit=1&page=2").await["strategies"].as_array().unwrap().len(), 1);
    assert_eq!(found("limit=500").await["limit"], 100);
}

/// A forecast that applied it keeps the holding.
#[tokio::test]
async fn deleting_one_leaves_no_forecast_with_it() {
    let app = TestApp::with_two_users().await;
    let forecast = json!({"portfolioId": "a-old", "name": "F", "appliedStrategies": {"h-btc": "st-1"}});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &forecast).await.json();
    assert_eq!(made["summary"]["tokenCount"], 1);
    assert_eq!(app.ask("DELETE", "/strategies/st-1", "alice", &Value::Null).await.status, 204);
    let path = format!("/portfolios/forecasts/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&path, "alice").await.json()["appliedStrategies"], json!({"h-btc": "none"}));
}
