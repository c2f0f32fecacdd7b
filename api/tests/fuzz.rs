//! Whatever a signed-in user sends, nothing fails inside.
//!
//! Ids, queries and bodies are drawn from the OpenAPI document, so a new operation is tried without being named here.
//! Each operation is also asked once for what it is there for: a walk that only ever meets refusals would prove little.

mod draw;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::routes::{self, Operation};
use crate::support::{Answer, TestApp, access_token};
use draw::Draw;

/// How often each operation is asked.
const TIMES: u64 = 60;

#[tokio::test]
async fn nothing_that_is_sent_fails_inside() {
    let app = routes::app().await;
    let document = serde_json::to_value(api::router::document()).unwrap();
    let mut draw = Draw::new(&document, 1);
    let mut statuses = BTreeMap::<u16, u32>::new();
    for operation in Operation::all_with_deletions_last() {
        let own = operation.ask(&app, Some("alice")).await;
        assert!(own.status.is_success(), "{}: {} {}", operation.name(), own.status, own.text());
        for _ in 0..TIMES {
            let (asked, answer) = ask(&app, &document, &operation, &mut draw).await;
            assert!(answer.status.as_u16() < 500, "{asked}: {} {}", answer.status, answer.text());
            *statuses.entry(answer.status.as_u16()).or_default() += 1;
        }
    }
    println!("answers by status: {statuses:?}");
    assert!(
        statuses.keys().filter(|status| **status < 300).count() > 0,
        "some of it is accepted: {statuses:?}"
    );
}

/// What was asked, for whoever has to find out why, and the answer.
async fn ask(
    app: &TestApp,
    document: &Value,
    operation: &Operation,
    draw: &mut Draw<'_>,
) -> (String, Answer) {
    let described = &document["paths"][&operation.path][operation.method.to_lowercase()];
    let path = drawn_path(operation, described, draw);
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let body = if schema.is_null() { String::new() } else { draw.value(schema).to_string() };
    let request = Request::builder()
        .method(operation.method.as_str())
        .uri(&path)
        .header("authorization", format!("Bearer {}", access_token("alice")))
        .header("content-type", "application/json");
    let asked = format!("{} {path} {body}", operation.method);
    (asked, app.send(request.body(Body::from(body)).unwrap()).await)
}

/// The path to one of Alice's things or to none, with some of the query's parameters.
fn drawn_path(operation: &Operation, described: &Value, draw: &mut Draw<'_>) -> String {
    let mut path = if draw.happens(0.7) { operation.to_hers() } else { operation.path.clone() };
    for parameter in described["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let value = draw.text(&parameter["schema"]);
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), if value.is_empty() { "x" } else { &value });
        } else if draw.happens(0.6) {
            let separator = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{separator}{name}={value}");
        }
    }
    path
}
