//! Bytes go through as they come: large bodies, both ways, and tunnels after an upgrade.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails is a test that fails")]

mod support;

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use balancer::TargetState;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use support::{Bench, LOOPBACK, PATIENCE, Stub, group, healthy, table_of, target};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

#[tokio::test]
async fn a_response_reaches_the_client_before_it_is_complete() {
    let (pieces, addr, _server) = piecemeal_target().await;
    let bench = Bench::with(table_of(group("tg", vec![target("i-1", addr, TargetState::Healthy)]))).await;
    let mut response = timeout(PATIENCE, bench.client.get(bench.url("/stream"))).await.unwrap().unwrap();
    for text in ["first", "second"] {
        pieces.send(text).await.unwrap();
        let frame = timeout(PATIENCE, response.body_mut().frame())
            .await
            .expect("the piece is held back")
            .unwrap()
            .unwrap();
        assert_eq!(frame.into_data().unwrap(), text);
    }
    drop(pieces);
    assert!(response.body_mut().frame().await.is_none());
    bench.stop().await;
}

#[tokio::test]
async fn a_response_that_stalls_for_the_idle_timeout_is_broken_off() {
    let (pieces, addr, _server) = piecemeal_target().await;
    let mut table = table_of(group("tg", vec![target("i-1", addr, TargetState::Healthy)]));
    table.idle_timeout = Duration::from_millis(100);
    let bench = Bench::with(table).await;
    let response = bench.client.get(bench.url("/stream")).await.unwrap();
    pieces.send("and then nothing").await.unwrap();
    assert!(timeout(PATIENCE, response.into_body().collect()).await.unwrap().is_err());
    bench.stop().await;
}

#[tokio::test]
async fn a_large_upload_comes_back_whole() {
    let stub = Stub::answering(|request: Request<hyper::body::Incoming>| async move {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        hyper::Response::new(Full::new(body))
    })
    .await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    let pieces =
        (0..512_u32).map(|i| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![i as u8; 64 * 1024]))));
    let upload = StreamBody::new(futures::stream::iter(pieces));
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(bench.url("/echo")).body(upload).unwrap();
    let mut body = timeout(PATIENCE, client.request(request)).await.unwrap().unwrap().into_body();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.iter().enumerate().all(|(i, &byte)| byte == ((received + i) / (64 * 1024)) as u8));
        received += data.len();
    }
    assert_eq!(received, 32 * 1024 * 1024);
    bench.stop().await;
}

#[tokio::test]
async fn a_websocket_is_tunnelled_and_draining_waits_for_it() {
    let stub = Stub::answering(|mut request: Request<hyper::body::Incoming>| async move {
        if request.uri().path() != "/live" {
            return support::say("ok");
        }
        tokio::spawn(async move {
            let mut tunnel = TokioIo::new(hyper::upgrade::on(&mut request).await.unwrap());
            let mut buffer = [0; 64];
            while let Ok(read @ 1..) = tunnel.read(&mut buffer).await {
                tunnel.write_all(&buffer[..read]).await.unwrap();
            }
        });
        let mut response = support::status(101);
        response.headers_mut().insert("connection", http::HeaderValue::from_static("upgrade"));
        response.headers_mut().insert("upgrade", http::HeaderValue::from_static("websocket"));
        response
    })
    .await;
    let table = |state| table_of(group("tg", vec![target("i-1", stub.addr, state)]));
    let mut bench = Bench::with(table(TargetState::Healthy)).await;
    let mut socket = TcpStream::connect(bench.balancer.local_addr()).await.unwrap();
    let ask = "GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    socket.write_all(ask.as_bytes()).await.unwrap();
    let head = read_head(&mut socket).await;
    assert!(head.starts_with("HTTP/1.1 101") && head.to_lowercase().contains("upgrade: websocket"), "{head}");
    for word in ["one", "two"] {
        socket.write_all(word.as_bytes()).await.unwrap();
        let mut echo = vec![0; word.len()];
        timeout(PATIENCE, socket.read_exact(&mut echo)).await.unwrap().unwrap();
        assert_eq!(echo, word.as_bytes());
    }
    bench.balancer.update(table(TargetState::Draining)).unwrap();
    assert!(
        timeout(Duration::from_millis(100), bench.facts.recv()).await.is_err(),
        "drained while a tunnel is open"
    );
    drop(socket);
    assert!(matches!(bench.fact().await, balancer::Fact::TargetDrained { .. }));
    bench.stop().await;
}

#[tokio::test]
async fn head_keeps_the_length_that_the_target_states() {
    let stub = Stub::saying("eleven char").await;
    let bench = Bench::with(table_of(group("tg", vec![healthy("i-1", &stub)]))).await;
    let request = Request::head(bench.url("/")).body(http_body_util::Empty::new()).unwrap();
    let response = timeout(PATIENCE, bench.client.request(request)).await.unwrap().unwrap();
    assert_eq!(
        (response.status(), &response.headers()["content-length"]),
        (StatusCode::OK, &"11".parse().unwrap())
    );
    bench.stop().await;
}

/// A target whose response to `/stream` goes out piece by piece, as the test hands them over.
async fn piecemeal_target() -> (mpsc::Sender<&'static str>, SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (sender, mut pieces) = mpsc::channel::<&str>(1);
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            if !read_head(&mut stream).await.starts_with("GET /stream") {
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
            while let Some(piece) = pieces.recv().await {
                stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await.unwrap();
            }
            stream.write_all(b"0\r\n\r\n").await.unwrap();
        }
    });
    (sender, addr, AbortOnDropHandle::new(server))
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(head).unwrap()
}
