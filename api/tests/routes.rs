//! Every route of the router's own list, walked as the owner, as another user and as nobody.
//!
//! The list is the OpenAPI document's, which is generated from the router; a write without a body here fails the
//! test, so a new route cannot be forgotten.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// What Alice's things contain and nobody else's do.
const HERS: [&str; 5] = ["Alice", "alice", "h-btc", "12345678901234567890", "step-1"];
/// What must not change while others walk.
const TABLES: [(&str, &str); 9] = [
    ("User", "id = 'alice'"),
    ("Portfolio", r#""userId" = 'alice'"#),
    ("Holding", r#""portfolioId" LIKE 'a-%'"#),
    ("Transaction", r#""userId" = 'alice'"#),
    ("Strategy", r#""userId" = 'alice'"#),
    ("StrategyStep", r#""strategyId" = 'st-1'"#),
    ("UserStrategy", r#""userId" = 'alice'"#),
    ("TheoreticalStrategy", r#""userId" = 'alice'"#),
    ("Forecast", r#""userId" = 'alice'"#),
];

/// One of the document's operations.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    needs_token: bool,
    has_body: bool,
}

impl Operation {
    /// All but those that change to another protocol: `tests/live.rs` walks those.
    fn all() -> Vec<Self> {
        let document = serde_json::to_value(api::router::document()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, methods)| {
            let upgrades = |it: &Value| it["responses"].get("101").is_some();
            let methods = methods.as_object().unwrap().iter().filter(move |(_, it)| !upgrades(it));
            methods.map(move |(method, it)| Self {
                method: method.to_uppercase(),
                path: path.clone(),
                needs_token: it.get("security").is_some(),
                has_body: it.get("requestBody").is_some(),
            })
        });
        operations.collect()
    }

    /// Deletions last, the innermost thing first.
    pub(crate) fn all_with_deletions_last() -> Vec<Self> {
        let mut operations = Self::all();
        operations.sort_by_key(|it| (it.method == "DELETE", std::cmp::Reverse(it.path.len())));
        operations
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path to Alice's thing.
    pub(crate) fn to_hers(&self) -> String {
        let strategy = match self.path.as_str() {
            path if path.starts_with("/portfolios/strategies") => "s-1",
            path if path.starts_with("/portfolios/theoretical-strategies") => "th-1",
            _ => "st-1",
        };
        let path = self.path.replace("{portfolioId}", "a-main").replace("{holdingId}", "h-ada");
        let path = path.replace("{forecastId}", "f-1").replace("{transactionId}", "x-1");
        let path =
            path.replace("{stepId}", "step-1").replace("{strategyId}", strategy).replace("{cmcId}", "1");
        if path == "/tokens/search" { format!("{path}?symbol=B") } else { path }
    }

    pub(crate) async fn ask(&self, app: &TestApp, user: Option<&str>) -> Answer {
        let token = user.map(|user| format!("Bearer {}", crate::support::access_token(user)));
        let headers: Vec<_> = token.iter().map(|token| ("authorization", token.as_str())).collect();
        let body = if self.has_body { body(&self.name()) } else { Value::Null };
        app.ask_with(&self.method, &self.to_hers(), &headers, &body).await
    }
}

/// A body that Alice may send; whatever it names is hers.
fn body(operation: &str) -> Value {
    let transaction = json!({
        "symbol": "BTC", "name": "Bitcoin", "cmcId": 1, "quantity": 1, "amountInvested": 10, "averagePrice": 10,
        "type": "BUY", "transactionDate": "2025-02-01", "portfolioId": "a-main",
    });
    let targets = json!([{"order": 1, "targetType": "price", "targetValue": 5, "sellPercentage": 50}]);
    let steps = json!([{"targetType": "exact_price", "targetValue": 5, "sellPercentage": 50}]);
    match operation {
        "POST /auth/signup" => json!({"email": "new@example.com", "password": "correct horse"}),
        "POST /auth/signin" => json!({"email": "alice@example.com", "password": "correct horse"}),
        "POST /portfolios" => json!({"name": "New"}),
        "PUT /portfolios/{portfolioId}"
        | "PUT /portfolios/strategies/{strategyId}"
        | "PUT /portfolios/forecasts/{forecastId}"
        | "PUT /portfolios/theoretical-strategies/{strategyId}" => json!({"name": "Mine"}),
        "POST /portfolios/{portfolioId}/holdings" => {
            json!({"tokenId": "t-btc", "quantity": 1, "investedAmount": 1, "averagePrice": 1})
        }
        "PUT /portfolios/{portfolioId}/holdings/{holdingId}" => json!({"quantity": 2}),
        "POST /portfolios/holdings/batch" => json!({"portfolioIds": ["a-main"]}),
        "POST /portfolios/strategies" => json!({"portfolioId": "a-main", "name": "New"}),
        "POST /portfolios/strategies/{strategyId}/token-configs" => json!({"holdingId": "h-ada"}),
        "POST /portfolios/forecasts" => {
            json!({"portfolioId": "a-main", "name": "New", "appliedStrategies": {"h-ada": "th-1", "h-eth": "none"}})
        }
        "POST /portfolios/theoretical-strategies" => json!({
            "name": "New", "tokenSymbol": "ADA", "tokenName": "Cardano", "quantity": 1, "averagePrice": 1,
            "profitTargets": targets,
        }),
        "POST /strategies" => json!({
            "name": "New", "symbol": "BTC", "tokenName": "Bitcoin", "cmcId": 1, "baseQuantity": 1,
            "referencePrice": 1, "steps": steps,
        }),
        "PATCH /strategies/{strategyId}" => json!({"referencePrice": 200}),
        "PATCH /strategies/{strategyId}/steps/{stepId}" => json!({"sellPercentage": 5}),
        "POST /transactions" => transaction,
        "PATCH /transactions/{transactionId}" => json!({"quantity": 3}),
        "POST /transactions/batch" => json!({"transactions": [transaction]}),
        unknown => panic!("{unknown} has no body here: give it one that Alice may send"),
    }
}

/// Alice's and Bob's application; Alice has a password.
pub(crate) async fn app() -> TestApp {
    let app = TestApp::with_two_users().await;
    let password = bcrypt::hash("correct horse", 4).unwrap();
    app.database.execute(&format!(r#"UPDATE "User" SET password = '{password}' WHERE id = 'alice'"#)).await;
    app
}

/// Everything that is Alice's.
async fn hers(app: &TestApp) -> String {
    let mut all = String::new();
    for (table, whose) in TABLES {
        let rows = format!(
            r#"SELECT coalesce(string_agg(t::text, ';' ORDER BY id), '') FROM "{table}" t WHERE {whose}"#
        );
        all.push_str(&app.database.value::<String>(&rows).await);
    }
    all
}

#[tokio::test]
async fn the_owner_is_served_on_every_route() {
    let app = app().await;
    let operations = Operation::all_with_deletions_last();
    assert!(operations.len() > 50, "{}", operations.len());
    for operation in operations {
        let answer = operation.ask(&app, Some("alice")).await;
        assert!(answer.status.is_success(), "{}: {} {}", operation.name(), answer.status, answer.text());
    }
}

#[tokio::test]
async fn nothing_of_alices_reaches_another_user_or_is_changed_by_them() {
    let app = app().await;
    let before = hers(&app).await;
    for operation in Operation::all().iter().filter(|it| it.path != "/auth/signin") {
        let answer = operation.ask(&app, Some("bob")).await;
        let name = operation.name();
        if operation.path.contains("Id}") && !operation.path.contains("cmcId") {
            assert_eq!(answer.status, 404, "{name}: {}", answer.text());
        }
        assert!(answer.status.as_u16() < 500, "{name}: {}", answer.text());
        for hers in HERS {
            assert!(!answer.text().contains(hers), "{name} tells {hers}: {}", answer.text());
        }
        assert_eq!(hers(&app).await, before, "{name} changed something");
    }
}

#[tokio::test]
async fn nobody_is_asked_for_a_token_wherever_one_is_needed() {
    let app = app().await;
    let before = hers(&app).await;
    for operation in Operation::all().iter().filter(|it| it.needs_token) {
        let answer = operation.ask(&app, None).await;
        assert_eq!(answer.status, 401, "{}: {}", operation.name(), answer.text());
        assert_eq!(answer.json()["statusCode"], 401);
    }
    assert_eq!(hers(&app).await, before);
}

/// A token may outlive its user, who then writes nothing.
#[tokio::test]
async fn nobody_writes_who_is_gone() {
    let app = app().await;
    let reads = ["POST /portfolios/holdings/batch", "POST /auth/logout"];
    let writes = Operation::all_with_deletions_last()
        .into_iter()
        .filter(|it| it.method != "GET" && it.needs_token && !reads.contains(&it.name().as_str()));
    for write in writes {
        let answer = write.ask(&app, Some("carol")).await;
        assert_eq!(answer.status, 401, "{}: {}", write.name(), answer.text());
    }
}

/// What needs no token is meant to need none.
#[test]
fn the_routes_without_a_token_are_these() {
    let mut public: Vec<_> =
        Operation::all().iter().filter(|it| !it.needs_token).map(Operation::name).collect();
    public.sort();
    assert_eq!(
        public,
        [
            "GET /health",
            "GET /health/database",
            "GET /health/live",
            "GET /health/ready",
            "GET /portfolios/templates/profit-taking",
            "GET /portfolios/templates/strategies",
            "GET /public/prices",
            "GET /public/tokens",
            "POST /auth/signin",
            "POST /auth/signup",
        ]
    );
}
