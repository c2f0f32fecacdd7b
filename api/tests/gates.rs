//! What one kind of request cannot take from another: places among those that are served.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use api::admission::Capacity;
use api::limits::{Limits, RateLimit};
use api::router::{RouterSettings, router};
use api::state::Parts;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use futures::stream::{FuturesUnordered, pending};
use futures::{FutureExt, StreamExt};
use hyper::body::{Frame, SizeHint};
use serde_json::json;

use crate::support::{Answer, TestApp, access_token, router_settings};

/// An instance that serves one request at once and lets none wait.
async fn narrow() -> TestApp {
    let mut app = TestApp::with_two_users().await;
    app.router = narrow_router(&app);
    app
}

fn narrow_router(app: &TestApp) -> Router {
    let capacity = Capacity { at_once: 1, queue: 0, patience: Duration::from_secs(30) };
    router(app.state.clone(), &RouterSettings { capacity, ..router_settings() })
}

/// Until it is dropped, whoever needs this table waits.
async fn lock(app: &TestApp, table: &str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = app.database.pool.begin().await.unwrap();
    let statement = format!(r#"LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE"#);
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *lock).await.unwrap();
    lock
}

async fn sign_in(app: &TestApp, n: u32) -> Answer {
    let given = json!({"email": format!("user-{n}@example.com"), "password": "wrong password"});
    app.ask_with("POST", "/auth/signin", &[], &given).await
}

#[tokio::test]
async fn a_sign_in_takes_no_place_from_a_dashboard() {
    let app = narrow().await;
    let _lock = lock(&app, "User").await;
    let mut under_way = Box::pin(sign_in(&app, 0));
    assert!((&mut under_way).now_or_never().is_none());
    assert_eq!(app.get("/portfolios", "alice").await.status, 200);
}

#[tokio::test]
async fn more_sign_ins_than_can_be_hashed_in_time_are_refused_at_once() {
    let app = TestApp::with_two_users().await;
    let _lock = lock(&app, "User").await;
    let mut sign_ins: FuturesUnordered<_> = (0..19).map(|n| sign_in(&app, n)).collect();
    let first = sign_ins.next().await.unwrap();
    assert_eq!((first.status.as_u16(), first.header("retry-after")), (503, "1"), "two and sixteen wait");
}

/// Neither nobody's nor a user's.
#[tokio::test]
async fn a_slow_body_takes_no_place() {
    let app = narrow().await;
    let alices = format!("Bearer {}", access_token("alice"));
    for path in ["/auth/signin", "/portfolios"] {
        let request = Request::post(path)
            .header("authorization", &alices)
            .header("content-type", "application/json")
            .body(Body::from_stream(pending::<Result<Bytes, Infallible>>()));
        let mut slow = Box::pin(app.send(request.unwrap()));
        assert!((&mut slow).now_or_never().is_none());
        assert_eq!(app.get("/portfolios", "alice").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_no_larger_than_it_may_be() {
    let app = TestApp::with_two_users().await;
    let name = |bytes: usize| json!({"name": "x".repeat(bytes)});
    assert_eq!(app.ask("POST", "/portfolios", "alice", &name(5_000)).await.status, 422);
    assert_eq!(app.ask("POST", "/portfolios", "alice", &name(2 * 1024 * 1024)).await.status, 413);
    assert_eq!(app.ask_with("POST", "/auth/signup", &[], &name(5_000)).await.status, 413);
    let endless = futures::stream::repeat(Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1024])));
    let request = Request::post("/auth/signup").body(Body::from_stream(endless)).unwrap();
    assert_eq!(app.send(request).await.status, 413, "also one that does not say so");
}

/// A body that never ends: it has sent so much of what it announces.
struct Stalled {
    sent: Option<Bytes>,
    announces: u64,
}

impl HttpBody for Stalled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.take().map_or(Poll::Pending, |sent| Poll::Ready(Some(Ok(Frame::data(sent)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announces)
    }
}

/// So many requests whose bodies have sent so many bytes of what they announce, of the user of this number each.
fn stalled<'a>(
    app: &'a TestApp,
    path: &str,
    (sent, announces): (usize, u64),
    users: impl Iterator<Item = usize>,
) -> Vec<Pin<Box<dyn Future<Output = Answer> + 'a>>> {
    let sent = Bytes::from(vec![b' '; sent]);
    let begin = |user: usize| {
        let sent = (!sent.is_empty()).then(|| sent.clone());
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", access_token(&format!("user-{user}"))))
            .header("content-type", "application/json")
            .body(Body::new(Stalled { sent, announces }));
        let mut begun: Pin<Box<dyn Future<Output = Answer>>> = Box::pin(app.send(request.unwrap()));
        assert!((&mut begun).now_or_never().is_none(), "of user {user}");
        begun
    };
    users.map(begin).collect()
}

/// The largest body of a user.
const LARGEST: usize = 2 * 1024 * 1024;
/// The largest body of nobody.
const ANONYMOUS: usize = 4 * 1024;

async fn bobs_portfolio(app: &TestApp) -> Answer {
    app.ask("POST", "/portfolios", "bob", &json!({"name": "x"})).await
}

/// Neither many users' nor one's.
#[tokio::test]
async fn what_is_announced_and_does_not_come_takes_no_room() {
    let app = TestApp::with_two_users().await;
    let _idle = stalled(&app, "/portfolios", (0, LARGEST as u64), (0..64).map(|n| n / 16));
    let _nobodys = stalled(&app, "/auth/signin", (0, ANONYMOUS as u64), 0..1025);
    assert_eq!(bobs_portfolio(&app).await.status, 201);
    assert_eq!(sign_in(&app, 0).await.status, 401);
}

#[tokio::test]
async fn a_user_has_so_many_bodies_in_memory_and_no_more() {
    let app = TestApp::with_two_users().await;
    let mut alices = stalled(&app, "/portfolios", (1, LARGEST as u64), std::iter::repeat_n(0, 16));
    let one_more = async || app.ask("POST", "/portfolios", "user-0", &json!({"name": "x"})).await;
    let refused = one_more().await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1"));
    assert_eq!(bobs_portfolio(&app).await.status, 201);
    assert_eq!(app.get("/portfolios", "user-0").await.status, 200, "what has no body needs no place");
    drop(alices.pop());
    assert_eq!(one_more().await.status, 401, "a token may outlive its user, who has a place again");
}

/// Users' bodies and nobody's have a room each.
#[tokio::test]
async fn bodies_that_fill_their_room_shut_out_no_others() {
    let app = TestApp::with_two_users().await;
    let imports = stalled(&app, "/portfolios", (LARGEST, LARGEST as u64), (0..32).map(|n| n / 16));
    assert_eq!(bobs_portfolio(&app).await.status, 503, "the room is full");
    assert_eq!(sign_in(&app, 0).await.status, 401);
    let sign_ins = stalled(&app, "/auth/signin", (ANONYMOUS, ANONYMOUS as u64), 0..1024);
    assert_eq!(sign_in(&app, 0).await.status, 503, "theirs is full, too");
    drop(imports);
    assert_eq!(bobs_portfolio(&app).await.status, 201);
    drop(sign_ins);
    assert_eq!(sign_in(&app, 0).await.status, 401);
}

#[tokio::test]
async fn an_address_signs_up_ten_times_at_once() {
    let app = TestApp::with_two_users().await;
    let new = json!({"email": "alice@example.com", "password": "correct horse"});
    app.tried_ten_times("alice@example.com");
    assert_eq!(app.ask_with("POST", "/auth/signup", &[], &new).await.status, 429);
}

/// Who asks too often is told so at once, and nobody is, however much there is to do for the others.
#[tokio::test]
async fn neither_haste_nor_nobody_takes_a_place() {
    let mut app = TestApp::with_two_users().await;
    let rate = RateLimit { per_second: NonZeroU32::MIN, burst: NonZeroU32::MIN };
    let limits = Arc::new(Limits::new(rate));
    app.state = Parts { limits, ..Parts::clone(&app.state) }.into();
    app.router = narrow_router(&app);
    let _lock = lock(&app, "Portfolio").await;
    let mut under_way = Box::pin(app.get("/portfolios", "alice"));
    assert!((&mut under_way).now_or_never().is_none());
    assert_eq!(app.get("/portfolios", "bob").await.status, 503, "the only place is taken");
    assert_eq!(app.get("/portfolios", "alice").await.status, 429);
    assert_eq!(app.get_as_nobody("/portfolios").await.status, 401);
}
