//! `GET /portfolios`

use crate::support::TestApp;

#[tokio::test]
async fn lists_the_default_first_and_then_the_newest() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios", "alice").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.text(),
        concat!(
            r#"[{"id":"a-main","name":"Alice's main","description":"What Alice keeps","isDefault":true,"#,
            r#""createdAt":"2025-01-04T10:00:00.500Z","updatedAt":"2025-02-01T00:00:00.123Z","holdingsCount":2},"#,
            r#"{"id":"a-new","name":"Alice's newest","description":null,"isDefault":false,"#,
            r#""createdAt":"2025-01-05T10:00:00.000Z","updatedAt":"2025-01-05T10:00:00.000Z","holdingsCount":0},"#,
            r#"{"id":"a-old","name":"Alice's oldest","description":null,"isDefault":false,"#,
            r#""createdAt":"2025-01-03T10:00:00.000Z","updatedAt":"2025-01-03T10:00:00.000Z","holdingsCount":1}]"#,
        )
    );
}

#[tokio::test]
async fn a_user_without_portfolios_has_an_empty_list() {
    let app = TestApp::with_two_users().await;
    let answer = app.get("/portfolios", "carol").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "[]"));
}
