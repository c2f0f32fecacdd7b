//! Who is let in: every private path, with every kind of token that is not good enough.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::{SECRET, TestApp, access_token};

const PRIVATE: [&str; 5] = [
    "/dashboard",
    "/portfolios",
    "/portfolios/a-main/holdings",
    "/portfolios/forecasts",
    "/portfolios/strategies",
];

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// Alice's claims, with some of them replaced (or, by null, left out).
fn token(secret: &str, changes: &Value) -> String {
    // Makes this process able to sign.
    access_token("alice");
    let mut claims = json!({"sub": "alice", "iat": now(), "exp": now() + 3600, "iss": "exstrat-api", "aud": "exstrat-client"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

async fn assert_refused(app: &TestApp, authorization: Option<&str>, message: &str, challenge: &str) {
    for path in PRIVATE {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        let answer = app.get_with(path, &headers).await;
        assert_eq!(answer.status, 401, "{path} {authorization:?}");
        assert_eq!(answer.header("www-authenticate"), challenge, "{path} {authorization:?}");
        let expected = json!({
            "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": message,
            "statusCode": 401, "message": message, "error": "Unauthorized",
        });
        assert_eq!(answer.json(), expected, "{path} {authorization:?}");
    }
}

#[tokio::test]
async fn a_good_token_opens_every_private_path() {
    let app = TestApp::with_two_users().await;
    let good = token(SECRET, &json!({}));
    for scheme in ["Bearer", "bearer", "BEARER"] {
        for path in PRIVATE {
            let answer = app.get_with(path, &[("authorization", &format!("{scheme} {good}"))]).await;
            assert_eq!(answer.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn nobody_is_asked_for_a_token() {
    let app = TestApp::with_two_users().await;
    let basic = format!("Basic {}", token(SECRET, &json!({})));
    for authorization in [None, Some(basic.as_str()), Some("Bearer"), Some("")] {
        assert_refused(&app, authorization, "A bearer token is required", "Bearer").await;
    }
}

#[tokio::test]
async fn an_expired_token_is_told_so() {
    let app = TestApp::with_two_users().await;
    let expired = format!("Bearer {}", token(SECRET, &json!({"exp": now() - 1})));
    assert_refused(&app, Some(&expired), "The token has expired", r#"Bearer error="invalid_token""#).await;
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused() {
    let app = TestApp::with_two_users().await;
    let good = token(SECRET, &json!({}));
    let claims = good.split('.').nth(1).unwrap();
    let forged = [
        token("somebody else's secret, long enough", &json!({})),
        token(SECRET, &json!({"aud": "another-client"})),
        token(SECRET, &json!({"aud": null})),
        token(SECRET, &json!({"iss": "another-api"})),
        token(SECRET, &json!({"iss": null})),
        token(SECRET, &json!({"exp": null})),
        token(SECRET, &json!({"sub": null})),
        token(SECRET, &json!({"sub": ""})),
        token(SECRET, &json!({"type": "password-reset"})),
        // {"alg":"none","typ":"JWT"}
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}."),
        good[..good.len() - 2].to_owned(),
        "not.a.token".to_owned(),
        "x".to_owned(),
    ];
    for token in forged {
        let authorization = format!("Bearer {token}");
        assert_refused(
            &app,
            Some(&authorization),
            "The token is not valid",
            r#"Bearer error="invalid_token""#,
        )
        .await;
    }
}

#[tokio::test]
async fn a_token_marked_for_access_is_let_in() {
    let app = TestApp::with_two_users().await;
    let authorization = format!("Bearer {}", token(SECRET, &json!({"type": "access"})));
    assert_eq!(app.get_with("/portfolios", &[("authorization", &authorization)]).await.status, 200);
}
