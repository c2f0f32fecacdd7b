//! `/transactions`: what is stored, and what follows for holdings and forecasts.

use serde_json::{Value, json};

use crate::support::TestApp;

fn transaction(changes: &Value) -> Value {
    let mut transaction = json!({
        "symbol": "SOL", "name": "Solana", "cmcId": 5426, "quantity": 2, "amountInvested": 300, "averagePrice": 150,
        "type": "BUY", "transactionDate": "2025-02-01T10:00:00Z", "portfolioId": "a-main",
    });
    for (name, value) in changes.as_object().unwrap() {
        transaction[name] = value.clone();
    }
    transaction
}

async fn holding(app: &TestApp, portfolio: &str, symbol: &str) -> Option<Value> {
    let holdings = app.get(&format!("/portfolios/{portfolio}/holdings"), "alice").await.json();
    holdings.as_array().unwrap().iter().find(|holding| holding["token"]["symbol"] == symbol).cloned()
}

#[tokio::test]
async fn holdings_follow_and_keep_their_ids() {
    let app = TestApp::with_two_users().await;
    let made = app.ask("POST", "/transactions", "alice", &transaction(&json!({}))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["portfolio"], json!({"id": "a-main", "name": "Alice's main", "isDefault": true}));
    let first = holding(&app, "a-main", "SOL").await.unwrap();
    assert_eq!(
        (&first["quantity"], &first["investedAmount"], &first["averagePrice"]),
        (&json!(2), &json!(300), &json!(150))
    );

    let sale = transaction(
        &json!({"type": "SELL", "quantity": 0.5, "amountInvested": 0, "averagePrice": 200, "transactionDate": "2025-02-02"}),
    );
    let sale = app.ask("POST", "/transactions", "alice", &sale).await.json();
    let second = holding(&app, "a-main", "SOL").await.unwrap();
    assert_eq!(second["id"], first["id"]);
    assert_eq!((&second["quantity"], &second["investedAmount"]), (&json!(1.5), &json!(200)));

    let path = format!("/transactions/{}", sale["id"].as_str().unwrap());
    let updated = app.ask("PATCH", &path, "alice", &json!({"quantity": 1, "notes": "Sold"})).await;
    assert_eq!((updated.status.as_u16(), &updated.json()["notes"]), (200, &json!("Sold")));
    assert_eq!(holding(&app, "a-main", "SOL").await.unwrap()["investedAmount"], 100);
    assert_eq!(app.ask("DELETE", &path, "alice", &Value::Null).await.status, 204);
    assert_eq!(holding(&app, "a-main", "SOL").await.unwrap()["quantity"], 2);
}

/// The holding that an update leaves goes, and the one that it enters comes.
#[tokio::test]
async fn a_transaction_that_moves_takes_its_holding_along() {
    let app = TestApp::with_two_users().await;
    let moved = app.ask("PATCH", "/transactions/x-1", "alice", &json!({"portfolioId": "a-new"})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(holding(&app, "a-old", "BTC").await, None);
    assert_eq!(holding(&app, "a-new", "BTC").await.unwrap()["quantity"], 0.1);
    let stolen = app.ask("PATCH", "/transactions/x-1", "alice", &json!({"portfolioId": "b-main"})).await;
    assert_eq!(
        (stolen.status.as_u16(), &stolen.json()["message"]),
        (403, &json!("The portfolio is not one of yours"))
    );
}

/// A forecast names holdings: one of which nothing is left is named no more.
#[tokio::test]
async fn no_forecast_is_left_with_a_holding_that_is_gone() {
    let app = TestApp::with_two_users().await;
    let forecast = json!({"portfolioId": "a-old", "name": "F", "appliedStrategies": {"h-btc": "th-1"}});
    let made = app.ask("POST", "/portfolios/forecasts", "alice", &forecast).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(app.ask("DELETE", "/transactions/x-1", "alice", &Value::Null).await.status, 204);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let applied =
        app.get(&format!("/portfolios/forecasts/{id}"), "alice").await.json()["appliedStrategies"].clone();
    assert_eq!(applied, json!({}));
}

#[tokio::test]
async fn a_thousand_are_imported_at_once_and_the_wrong_ones_are_told() {
    let app = TestApp::with_two_users().await;
    let mut items: Vec<Value> = (0..1000)
        .map(|n| transaction(&json!({"symbol": format!("T{}", n % 10), "name": "T", "quantity": "0.1", "amountInvested": 1})))
        .collect();
    items[3]["quantity"] = json!(-1);
    items[7]["portfolioId"] = json!("b-main");
    items[9].as_object_mut().unwrap().remove("portfolioId");
    let imported = app.ask("POST", "/transactions/batch", "alice", &json!({"transactions": items})).await;
    assert_eq!(imported.status, 201, "{}", imported.text());
    let imported = imported.json();
    assert_eq!(
        (&imported["total"], &imported["successCount"], &imported["failedCount"]),
        (&json!(1000), &json!(998), &json!(2))
    );
    let failed: Vec<_> =
        imported["failed"].as_array().unwrap().iter().map(|failure| failure["index"].clone()).collect();
    assert_eq!(failed, [3, 7]);
    assert!(imported["failed"][0]["error"].as_str().unwrap().starts_with("quantity: is -1; allowed is 0"));
    assert_eq!(imported["failed"][1]["error"], "The portfolio is not one of yours");
    for (symbol, quantity) in [("T0", json!(10)), ("T3", json!(9.9)), ("T9", json!(10))] {
        assert_eq!(holding(&app, "a-main", symbol).await.unwrap()["quantity"], quantity, "{symbol}");
    }
    let too_many = json!({"transactions": vec![json!({}); 1001]});
    assert_eq!(app.ask("POST", "/transactions/batch", "alice", &too_many).await.status, 422);
}

/// The others of the same holding are imported all the same, and what was there is as it was.
#[tokio::test]
async fn one_that_makes_its_holding_too_large_is_told_and_no_other() {
    let app = TestApp::with_two_users().await;
    let huge = "99999999999999999999";
    let items = [
        transaction(&json!({"symbol": "T", "quantity": 2, "amountInvested": 10})),
        transaction(&json!({"symbol": "T", "quantity": huge, "amountInvested": 10})),
        transaction(&json!({"symbol": "T", "quantity": "0.5", "amountInvested": 10})),
        // Of one of these alone the average price would be fine.
        transaction(
            &json!({"portfolioId": "a-old", "symbol": "U", "quantity": "0.000000000000000001", "amountInvested": 1}),
        ),
        transaction(&json!({"portfolioId": "a-old", "symbol": "U", "quantity": 0, "amountInvested": 1000})),
        transaction(&json!({"symbol": "ADA", "quantity": "0.000000000000000001", "amountInvested": huge})),
    ];
    let imported = app.ask("POST", "/transactions/batch", "alice", &json!({"transactions": items})).await;
    assert_eq!(imported.status, 201, "{}", imported.text());
    let imported = imported.json();
    let failed: Vec<_> = imported["failed"].as_array().unwrap().iter().collect();
    assert_eq!(failed.iter().map(|it| &it["index"]).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(failed[0]["error"], "the holding of T would be larger than can be kept");
    assert_eq!((&imported["successCount"], &failed[0]["transaction"]), (&json!(3), &items[1]));
    assert_eq!(holding(&app, "a-main", "T").await.unwrap()["quantity"], 2.5);
    assert_eq!(holding(&app, "a-old", "U").await.unwrap()["investedAmount"], 1);
    let as_it_was = holding(&app, "a-main", "ADA").await.unwrap();
    assert_eq!((&as_it_was["id"], &as_it_was["averagePrice"]), (&json!("h-ada"), &json!(1)));
    assert_eq!(app.get("/transactions", "alice").await.json()["total"], 4);
    let alone = app.ask("POST", "/transactions", "alice", &items[1]).await;
    assert_eq!(alone.status, 422, "{}", alone.text());
}

/// However many are too large; their token's others are imported all the same.
#[tokio::test]
async fn many_that_are_too_large_take_no_other_with_them() {
    let app = TestApp::with_two_users().await;
    let quantity = |n: u32| if n.is_multiple_of(3) { "99999999999999999999" } else { "0.5" };
    let items: Vec<_> = (0..30)
        .map(|n| transaction(&json!({"symbol": "T", "quantity": quantity(n), "amountInvested": 1})))
        .collect();
    let before = transaction(&json!({"symbol": "T", "quantity": 1, "amountInvested": 1}));
    assert_eq!(app.ask("POST", "/transactions", "alice", &before).await.status, 201);
    let imported =
        app.ask("POST", "/transactions/batch", "alice", &json!({"transactions": items})).await.json();
    assert_eq!((&imported["successCount"], &imported["failedCount"]), (&json!(20), &json!(10)));
    assert_eq!(holding(&app, "a-main", "T").await.unwrap()["quantity"], 11);
}

/// Too many to be summed where requests are served.
#[tokio::test]
async fn a_long_ledger_is_summed_as_any_other() {
    let app = TestApp::with_two_users().await;
    let long = r#"INSERT INTO "Transaction" (id, "userId", symbol, name, "cmcId", quantity, "amountInvested", "averagePrice",
                                             type, "transactionDate", "portfolioId", "updatedAt")
        SELECT 'long-' || n, 'alice', 'BTC', 'Bitcoin', 1, 0.01, 1, 100, 'BUY', '2025-03-01', 'a-main', '2025-03-01'
        FROM generate_series(1, 5000) n"#;
    app.database.execute(long).await;
    let one_more = transaction(&json!({"symbol": "BTC", "quantity": 1, "transactionDate": "2025-04-01"}));
    assert_eq!(app.ask("POST", "/transactions", "alice", &one_more).await.status, 201);
    let items = [transaction(&json!({"symbol": "BTC", "quantity": "99999999999999999999"})), one_more];
    let imported =
        app.ask("POST", "/transactions/batch", "alice", &json!({"transactions": items})).await.json();
    assert_eq!((&imported["successCount"], &imported["failed"][0]["index"]), (&json!(1), &json!(0)));
    assert_eq!(holding(&app, "a-main", "BTC").await.unwrap()["quantity"], 52);
}

#[tokio::test]
async fn are_found_by_symbol_type_and_date_a_page_at_a_time() {
    let app = TestApp::with_two_users().await;
    for day in 1..=3 {
        let changes = json!({"transactionDate": format!("2025-03-0{day}"), "type": if day == 2 { "SELL" } else { "BUY" }});
        assert_eq!(app.ask("POST", "/transactions", "alice", &transaction(&changes)).await.status, 201);
    }
    let found = async |query: &str| app.get(&format!("/transactions?{query}"), "alice").await.json();
    assert_eq!(found("").await["total"], 4);
    assert_eq!(found("symbol=sol").await["total"], 3);
    assert_eq!(found("symbol=SOL&type=SELL").await["total"], 1);
    assert_eq!(found("startDate=2025-03-02&endDate=2025-03-02").await["total"], 1);
    let page = found("symbol=SOL&limit=2&page=2").await;
    assert_eq!(
        (page["transactions"].as_array().unwrap().len(), &page["page"], &page["limit"]),
        (1, &json!(2), &json!(2))
    );
    assert_eq!(app.get("/transactions?type=GIFT", "alice").await.status, 422);
    assert_eq!(app.get("/transactions?symbol=%00", "alice").await.status, 422);
}

#[tokio::test]
async fn without_a_default_portfolio_the_newest_takes_them() {
    let app = TestApp::with_two_users().await;
    app.database.execute(r#"UPDATE "Portfolio" SET "isDefault" = false"#).await;
    let new = json!({"symbol": "BTC", "name": "Bitcoin", "cmcId": 1, "quantity": 1, "amountInvested": 10, "averagePrice": 10,
                     "type": "BUY", "transactionDate": "2025-02-01T10:00:00Z"});
    let made = app.ask("POST", "/transactions", "alice", &new).await;
    assert_eq!((made.status.as_u16(), &made.json()["portfolioId"]), (201, &json!("a-new")));
    assert_eq!(app.get("/portfolios/a-new/holdings", "alice").await.json()[0]["quantity"], 1);
}

#[tokio::test]
async fn a_symbol_is_the_same_in_small_letters_and_as_an_older_token_writes_it() {
    let app = TestApp::with_two_users().await;
    app.database
        .execute(
            r#"INSERT INTO "Token" (id, symbol, name, "cmcId") VALUES ('t-st', 'stETH', 'Staked', 8085)"#,
        )
        .await;
    let new = |symbol: &str, id: i32| {
        json!({"symbol": symbol, "name": "x", "cmcId": id, "quantity": 1, "amountInvested": 1, "averagePrice": 1,
               "type": "BUY", "transactionDate": "2025-02-01T10:00:00Z", "portfolioId": "a-new"})
    };
    for (symbol, id, written) in [("btc", 1, "BTC"), ("STETH", 8085, "stETH"), ("steth", 8085, "stETH")] {
        let made = app.ask("POST", "/transactions", "alice", &new(symbol, id)).await;
        assert_eq!((made.status.as_u16(), &made.json()["symbol"]), (201, &json!(written)));
    }
    assert_eq!(app.database.value::<i64>(r#"SELECT count(*) FROM "Token""#).await, 4);
    let holdings = app.get("/portfolios/a-new/holdings", "alice").await.json();
    assert_eq!((&holdings[0]["token"]["symbol"], &holdings[1]["quantity"]), (&json!("BTC"), &json!(2)));
}
