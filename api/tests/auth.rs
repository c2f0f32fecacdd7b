//! `/auth/*`

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, access_token};

async fn signin(app: &TestApp, email: &str, password: &str) -> Answer {
    app.ask_with("POST", "/auth/signin", &[], &json!({"email": email, "password": password})).await
}

async fn profile(app: &TestApp, token: &str) -> Answer {
    app.get_with("/auth/profile", &[("authorization", &format!("Bearer {token}"))]).await
}

#[tokio::test]
async fn who_signs_up_is_signed_in_and_can_sign_in_again() {
    let app = TestApp::with_two_users().await;
    let new = json!({"email": "carol@example.com", "password": "correct horse", "firstName": "Carol"});
    let made = app.ask_with("POST", "/auth/signup", &[], &new).await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"), "{}", made.text());
    let made = made.json();
    assert_eq!(made["user"]["email"], "carol@example.com");
    assert_eq!((&made["user"]["firstName"], &made["user"]["lastName"]), (&json!("Carol"), &Value::Null));
    let token = made["accessToken"].as_str().unwrap();
    assert_eq!(profile(&app, token).await.json(), made["user"]);
    let stored: String =
        app.database.value(r#"SELECT password FROM "User" WHERE email = 'carol@example.com'"#).await;
    assert!(stored.starts_with("$argon2id$"), "{stored}");

    let signed_in = signin(&app, "carol@example.com", "correct horse").await;
    assert_eq!((signed_in.status.as_u16(), &signed_in.json()["user"]), (200, &made["user"]));
    let again = app.ask_with("POST", "/auth/signup", &[], &new).await;
    assert_eq!((again.status.as_u16(), &again.json()["statusCode"]), (409, &json!(409)));
}

/// Neither the answer nor its words tell which of the two is wrong, nor does the time that it takes.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let app = TestApp::with_two_users().await;
    let betas = bcrypt::hash("correct horse", 4).unwrap();
    app.database.execute(&format!(r#"UPDATE "User" SET password = '{betas}' WHERE id = 'bob'"#)).await;
    let mut answers = Vec::new();
    for address in ["alice@example.com", "bob@example.com", "nobody@example.com"] {
        let asked = Instant::now();
        let answer = signin(&app, address, "wrong password").await;
        assert!(asked.elapsed() >= Duration::from_secs(1), "{address}: {:?}", asked.elapsed());
        answers.push((answer.status.as_u16(), answer.text().to_owned()));
    }
    assert_eq!((answers[0].0, &answers[0], &answers[0]), (401, &answers[1], &answers[2]));
    assert!(answers[0].1.contains("The email address or the password is wrong"));
}

/// Two passwords are checked at once. Were those that have to wait for their answer among them, some of these would
/// wait for longer than one may.
#[tokio::test]
async fn whoever_waits_to_hear_that_it_is_wrong_takes_no_place() {
    let app = TestApp::with_two_users().await;
    let addresses: Vec<_> = (0..8).map(|n| format!("user-{n}@example.com")).collect();
    let answers = join_all(addresses.iter().map(|address| signin(&app, address, "wrong password"))).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [401; 8]);
}

#[tokio::test]
async fn the_betas_bcrypt_is_accepted_and_replaced() {
    let app = TestApp::with_two_users().await;
    let old = bcrypt::hash("correct horse", 4).unwrap();
    app.database.execute(&format!(r#"UPDATE "User" SET password = '{old}' WHERE id = 'alice'"#)).await;
    assert_eq!(signin(&app, "alice@example.com", "battery staple").await.status, 401);
    for _ in 0..2 {
        assert_eq!(signin(&app, "alice@example.com", "correct horse").await.status, 200);
        let stored: String = app.database.value(r#"SELECT password FROM "User" WHERE id = 'alice'"#).await;
        assert!(stored.starts_with("$argon2id$"), "{stored}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_field() {
    let app = TestApp::with_two_users().await;
    let cases = [
        (json!({"email": "carol", "password": "correct horse"}), 422, "email: is not an address"),
        (
            json!({"email": "c@example.com", "password": "short"}),
            422,
            "password: has 5 bytes; allowed are 8 to 256",
        ),
        (json!({"email": "c@example.com"}), 422, "missing field `password`"),
        (json!([]), 422, ""),
    ];
    for (body, status, message) in cases {
        let answer = app.ask_with("POST", "/auth/signup", &[], &body).await;
        let told = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(answer.status == status && told.contains(message), "{body}: {} {told}", answer.status);
        assert!(!told.contains("short"), "a password is not quoted: {told}");
    }
}

#[tokio::test]
async fn a_token_is_refreshed_while_its_user_exists() {
    let app = TestApp::with_two_users().await;
    let refresh = async |user: &str| {
        let authorization = format!("Bearer {}", access_token(user));
        app.ask_with("POST", "/auth/refresh", &[("authorization", &authorization)], &Value::Null).await
    };
    let fresh = refresh("alice").await;
    assert_eq!(fresh.status, 200, "{}", fresh.text());
    assert_eq!(profile(&app, fresh.json()["accessToken"].as_str().unwrap()).await.json()["id"], "alice");
    assert_eq!(refresh("nobody").await.status, 401);
    assert_eq!(app.ask_with("POST", "/auth/refresh", &[], &Value::Null).await.status, 401);
}

#[tokio::test]
async fn a_short_password_of_the_betas_still_signs_in() {
    let app = TestApp::with_two_users().await;
    let old = bcrypt::hash("secret", 4).unwrap();
    app.database.execute(&format!(r#"UPDATE "User" SET password = '{old}' WHERE id = 'alice'"#)).await;
    assert_eq!(signin(&app, "alice@example.com", "secret").await.status, 200);
    assert_eq!(signin(&app, "alice@example.com", "").await.status, 422);
}

#[tokio::test]
async fn an_address_is_the_same_in_capitals() {
    let app = TestApp::with_two_users().await;
    let new = |email: &str| json!({"email": email, "password": "correct horse"});
    let made = app.ask_with("POST", "/auth/signup", &[], &new("Carol@Example.com")).await;
    assert_eq!((made.status.as_u16(), &made.json()["user"]["email"]), (201, &json!("carol@example.com")));
    assert_eq!(app.ask_with("POST", "/auth/signup", &[], &new("CAROL@example.com")).await.status, 409);
    assert_eq!(signin(&app, "caROL@example.com", "correct horse").await.status, 200);
    // As the beta kept them: two users.
    app.database.execute(r#"UPDATE "User" SET email = 'Carol@example.com' WHERE id = 'bob'"#).await;
    let carol = signin(&app, "carol@example.com", "correct horse").await;
    assert_eq!(carol.status, 200, "the one that is written just so");
    assert_eq!(signin(&app, "Carol@example.com", "correct horse").await.status, 401);
}
