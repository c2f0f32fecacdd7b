//! `GET /ws`

use std::future::pending;
use std::time::{Duration, Instant};

use api::cache::Event;
use api::server::{self, DrainSettings};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{TestApp, TestDatabase, access_token, eventually, redis_url};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn listening(app: &TestApp) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let drain = DrainSettings { grace: Duration::ZERO, timeout: Duration::ZERO };
    let draining = app.state.draining.clone();
    tokio::spawn(server::serve(listener, app.router.clone(), drain, draining, pending()));
    url
}

/// As a browser opens it: the token is a subprotocol.
async fn open(url: &str, token: &str) -> Result<Socket, Error> {
    let mut request = url.into_client_request().unwrap();
    let protocols = format!("bearer, {token}").parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocols);
    connect_async(request).await.map(|(socket, _)| socket)
}

async fn next(socket: &mut Socket) -> Value {
    let deadline = Duration::from_secs(20);
    loop {
        let message = tokio::time::timeout(deadline, socket.next()).await.expect("something is said");
        if let Message::Text(text) = message.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn nobody_is_refused() {
    let app = TestApp::with_two_users().await;
    let url = listening(&app).await;
    let refused = connect_async(url.as_str()).await.unwrap_err();
    assert!(matches!(&refused, Error::Http(answer) if answer.status() == 401), "{refused}");
    assert!(open(&url, "x").await.is_err());
}

#[tokio::test]
async fn a_user_hears_of_prices_and_of_their_own_writes() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let url = listening(&app).await;
    let mut alice = open(&url, &access_token("alice")).await.unwrap();
    let mut bob = open(&url, &access_token("bob")).await.unwrap();
    assert_eq!(app.ask("PUT", "/portfolios/a-new", "alice", &json!({"name": "x"})).await.status, 200);
    assert_eq!(next(&mut alice).await, json!({"type": "changed"}));
    let summaries = json!([{"id": "f-1", "summary": {"totalProfit": 1.5}}]);
    app.state.cache.tell(Event::Forecasts("alice".into(), summaries.to_string().into())).await;
    assert_eq!(next(&mut alice).await, json!({"type": "forecasts", "forecasts": summaries}));
    app.state.cache.tell(Event::Prices(r#"[{"symbol":"BTC","price":1}]"#.into())).await;
    let prices = json!({"type": "prices", "prices": [{"symbol": "BTC", "price": 1}]});
    assert_eq!(next(&mut alice).await, prices);
    assert_eq!(next(&mut bob).await, prices, "and nothing of Alice's before");
}

#[tokio::test]
async fn an_instance_that_stops_sends_its_clients_elsewhere() {
    let app = TestApp::with_two_users().await;
    let url = listening(&app).await;
    let mut socket = open(&url, &access_token("alice")).await.unwrap();
    app.state.draining.cancel();
    let told = next(&mut socket).await;
    assert_eq!(told["type"], "reconnect");
    assert!(told["afterMs"].as_u64().unwrap() < 5_000);
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    assert!(open(&url, &access_token("alice")).await.is_err());
}

#[tokio::test]
async fn a_price_change_reaches_a_thousand() {
    let app = TestApp::on(TestDatabase::with_two_users().await, Some(&redis_url())).await;
    let url = listening(&app).await;
    let mut sockets = Vec::new();
    for n in 0..1000 {
        sockets.push(open(&url, &access_token(&format!("user-{n}"))).await.unwrap());
    }
    let changed = Instant::now();
    app.state.cache.tell(Event::Prices("[]".into())).await;
    for socket in &mut sockets {
        assert_eq!(next(socket).await["type"], "prices");
    }
    let elapsed = changed.elapsed();
    println!("1,000 WebSockets had the price after {elapsed:?}");
    // Under a second where the machine is free; here it may be busy with every other test.
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    for socket in &mut sockets {
        socket.close(None).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_has_so_many_open_and_no_more() {
    let app = TestApp::with_two_users().await;
    let url = listening(&app).await;
    let alice = access_token("alice");
    let mut sockets = Vec::new();
    for _ in 0..16 {
        sockets.push(open(&url, &alice).await.unwrap());
    }
    let refused = open(&url, &alice).await.unwrap_err();
    let Error::Http(answer) = &refused else { panic!("{refused}") };
    let problem: Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
    assert_eq!(
        (answer.status().as_u16(), &problem["message"]),
        (429, &json!("You have 16 WebSockets open; close one to open another"))
    );
    let _bobs = open(&url, &access_token("bob")).await.unwrap();
    // One closes as it should, one goes without a word: both places are free again, and no third.
    sockets.pop().unwrap().close(None).await.unwrap();
    drop(sockets.pop());
    eventually("two may be opened again", async || {
        sockets.extend(open(&url, &alice).await);
        sockets.len() == 16
    })
    .await;
    assert!(open(&url, &alice).await.is_err());
}

/// Its connection stands, and what it is sent fills every buffer on the way.
#[tokio::test]
async fn a_client_that_takes_nothing_loses_its_place() {
    let app = TestApp::with_two_users().await;
    let url = listening(&app).await;
    let alice = access_token("alice");
    let mut stalled = open(&url, &alice).await.unwrap();
    let tell = async |text: String| app.state.cache.tell(Event::Forecasts("alice".into(), text.into())).await;
    eventually("it is listened to", async || {
        tell("[]".to_owned()).await;
        tokio::time::timeout(Duration::from_millis(100), next(&mut stalled)).await.is_ok()
    })
    .await;
    tell(format!("[\"{}\"]", "x".repeat(32 * 1024 * 1024))).await;
    let mut others = Vec::new();
    for _ in 1..16 {
        others.push(open(&url, &alice).await.unwrap());
    }
    assert!(open(&url, &alice).await.is_err(), "sixteen are open");
    eventually("its place is free", async || open(&url, &alice).await.is_ok()).await;
}
