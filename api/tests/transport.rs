//! What every answer has in common: the instance, compression, the time limit, paths that lead nowhere.

use std::time::Duration;

use api::admission::Capacity;
use api::router::{RouterSettings, router};
use axum::body::Body;
use axum::http::{HeaderValue, Request};
use serde_json::json;

use crate::support::{TestApp, access_token, router_settings};

#[tokio::test]
async fn every_answer_names_its_instance() {
    let app = TestApp::with_two_users().await;
    for path in ["/health", "/dashboard", "/nowhere"] {
        assert_eq!(app.get_as_nobody(path).await.header("server-instance"), "i-test", "{path}");
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_a_problem_document() {
    let app = TestApp::with_two_users().await;
    let nowhere = app.get_as_nobody("/nowhere?a=b").await;
    assert_eq!((nowhere.status.as_u16(), &nowhere.json()["message"]), (404, &"Cannot GET /nowhere".into()));
    let wrong_method = app.send(Request::delete("/dashboard").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (wrong_method.status.as_u16(), &wrong_method.json()["message"]),
        (405, &"Cannot DELETE /dashboard".into())
    );
    assert_eq!(wrong_method.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    let app = TestApp::with_two_users().await;
    let authorization = format!("Bearer {}", access_token("alice"));
    let headers = [("authorization", authorization.as_str()), ("accept-encoding", "gzip")];
    let plain = app.get("/dashboard", "alice").await;
    let compressed = app.get_with("/dashboard", &headers).await;
    assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), ("", "gzip"));
    assert!(compressed.body.starts_with(&[0x1f, 0x8b]) && compressed.body.len() < plain.body.len());
    let small = app.get_with("/health", &headers).await;
    assert_eq!(small.header("content-encoding"), "");
}

#[tokio::test]
async fn brotli_and_zstd_are_spoken_too() {
    let app = TestApp::with_two_users().await;
    let authorization = format!("Bearer {}", access_token("alice"));
    for encoding in ["br", "zstd"] {
        let headers = [("authorization", authorization.as_str()), ("accept-encoding", encoding)];
        assert_eq!(app.get_with("/dashboard", &headers).await.header("content-encoding"), encoding);
    }
}

/// Who has it already is told that it still holds, and told anew once it does not.
#[tokio::test]
async fn an_entity_tag_saves_the_body() {
    let app = TestApp::with_two_users().await;
    let authorization = format!("Bearer {}", access_token("alice"));
    for path in ["/dashboard", "/portfolios/a-main", "/public/tokens"] {
        let first = app.get(path, "alice").await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/"), "{path}: {tag}");
        let ask =
            async || app.get_with(path, &[("authorization", &authorization), ("if-none-match", &tag)]).await;
        let second = ask().await;
        assert_eq!(
            (second.status.as_u16(), second.text(), second.header("etag")),
            (304, "", tag.as_str()),
            "{path}"
        );
        assert_eq!(second.header("cache-control"), first.header("cache-control"), "{path}");
    }
    let tag = app.get("/portfolios/a-main", "alice").await.header("etag").to_owned();
    assert_eq!(app.ask("PUT", "/portfolios/a-main", "alice", &json!({"name": "Other"})).await.status, 200);
    let headers = [("authorization", authorization.as_str()), ("if-none-match", tag.as_str())];
    assert_eq!(app.get_with("/portfolios/a-main", &headers).await.status, 200);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let mut app = TestApp::with_two_users().await;
    let settings = RouterSettings { request_timeout: Duration::from_millis(100), ..router_settings() };
    app.router = router(app.state.clone(), &settings);
    let mut lock = app.database.pool.begin().await.unwrap();
    sqlx::query(r#"LOCK TABLE "Portfolio" IN ACCESS EXCLUSIVE MODE"#).execute(&mut *lock).await.unwrap();
    let answer = app.get("/portfolios", "alice").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["message"]),
        (503, &"The request took too long".into())
    );
}

/// What the existing front end does, which is served from elsewhere.
#[tokio::test]
async fn pages_of_these_origins_may_use_it_and_no_others() {
    let mut app = TestApp::with_two_users().await;
    let page = HeaderValue::from_static("https://app.example.com");
    // One place, which is taken: a preflight needs none.
    let capacity = Capacity { at_once: 0, queue: 0, patience: Duration::ZERO };
    let settings = RouterSettings { cors_origins: vec![page], capacity, ..router_settings() };
    app.router = router(app.state.clone(), &settings);
    let ask = async |origin: &str, method: &str| {
        let request = Request::builder().method(method).uri("/portfolios/a-main").header("origin", origin);
        let request = request.header("access-control-request-method", "PUT");
        app.send(
            request.header("access-control-request-headers", "authorization").body(Body::empty()).unwrap(),
        )
        .await
    };
    let preflight = ask("https://app.example.com", "OPTIONS").await;
    assert_eq!(preflight.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example.com"),
        ("access-control-allow-methods", "GET,HEAD,POST,PUT,PATCH,DELETE"),
        ("access-control-allow-headers", "authorization,content-type,if-none-match,traceparent,tracestate"),
        ("access-control-allow-credentials", ""),
        ("access-control-max-age", "7200"),
    ] {
        assert_eq!(preflight.header(name), value, "{name}");
    }
    let refused = ask("https://app.example.com", "PUT").await;
    assert_eq!(refused.status, 401, "what goes wrong is told, too");
    assert_eq!(refused.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(
        refused.header("access-control-expose-headers"),
        "etag,retry-after,cache-status,server-instance,link,x-total-count"
    );
    assert!(refused.headers.get_all("vary").iter().any(|value| value == "origin"));
    for origin in ["https://app.example.com.evil.example", "http://app.example.com", "null"] {
        for method in ["OPTIONS", "PUT"] {
            assert_eq!(ask(origin, method).await.header("access-control-allow-origin"), "", "{origin}");
        }
    }
}

/// Nobody named an origin.
#[tokio::test]
async fn by_default_no_page_elsewhere_may() {
    let app = TestApp::with_two_users().await;
    let preflight = Request::options("/dashboard").header("origin", "https://app.example.com");
    let preflight = preflight.header("access-control-request-method", "GET");
    let answer = app.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""));
}
