//! One connection: what it is asked, and how long it may keep us waiting.
//!
//! HTTP/1 only, as load balancers speak to targets. hyper-util's server would guess the version from the first bytes
//! and waits for them without end, so whoever says nothing, or half of HTTP/2's preface, would be waited for for ever.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long a whole head may take to arrive. hyper counts from the answer before, so it is also how long a connection
/// may be idle, and that is longer than the load balancer leaves one (60 s, `idle_timeout` in
/// `infra/modules/app/load_balancer.tf`): if we closed first, it might just then send a request, which would be a 502.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// The same at the end, where nobody sends anything new: half a head must not hold the drain.
const LAST_HEAD_WITHIN: Duration = Duration::from_secs(1);

/// Answers what comes on it, until it ends; once `closing` is cancelled that is when the request under way is answered.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    closing: CancellationToken,
) {
    let has_asked = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        has_asked.store(true, Relaxed);
        router.clone().call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        // A client that goes away or takes too long is no error of ours.
        _ended = &mut connection => return,
        () = closing.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    // hyper closes an idle connection now, be it in the midst of a head. But one on which nothing was asked yet counts
    // as busy from its first byte.
    let in_time = tokio::time::timeout(LAST_HEAD_WITHIN, &mut connection).await.is_ok();
    if !in_time && has_asked.load(Relaxed) {
        let _ended = connection.await;
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::task::JoinHandle;
    use tokio::time::{Instant, sleep};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    const HALF_A_HEAD: &[u8] = b"GET / HTTP/1.1\r\nho";
    /// How long an answer takes.
    const ANSWER_AFTER: Duration = Duration::from_secs(20);
    /// More than the client's buffer has room for.
    const ANSWER_BYTES: usize = 100_000;

    /// A client, and the other end of its connection.
    struct Client {
        stream: DuplexStream,
        server: JoinHandle<()>,
        closing: CancellationToken,
    }

    impl Client {
        fn connect() -> Self {
            let answer = async || {
                sleep(ANSWER_AFTER).await;
                "x".repeat(ANSWER_BYTES)
            };
            let (stream, theirs) = duplex(1024);
            let closing = CancellationToken::new();
            let router = Router::new().route("/", get(answer));
            Self { stream, server: tokio::spawn(serve(theirs, router, closing.clone())), closing }
        }

        async fn says(&mut self, bytes: &[u8]) {
            self.stream.write_all(bytes).await.unwrap();
            // Virtual time moves once the server has read it and has nothing else to do.
            sleep(Duration::from_millis(1)).await;
        }

        async fn is_answered(&mut self) {
            let (mut answer, mut piece, body) = (Vec::new(), [0; 700], "x".repeat(ANSWER_BYTES));
            while !answer.ends_with(body.as_bytes()) {
                let read = self.stream.read(&mut piece).await.unwrap();
                assert!(read > 0, "it ends after {} bytes", answer.len());
                answer.extend_from_slice(&piece[..read]);
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }

        /// How long it still lasts when nothing more is said.
        async fn ends_after(self) -> Duration {
            let since = Instant::now();
            self.server.await.unwrap();
            since.elapsed()
        }
    }

    fn about(duration: Duration) -> std::ops::Range<Duration> {
        let moment = Duration::from_millis(10);
        duration.saturating_sub(moment)..duration + moment
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_outlives_the_load_balancers_and_no_more() {
        let (mut client, idle) = (Client::connect(), Duration::from_secs(61));
        for _ in 0..3 {
            client.says(REQUEST).await;
            client.is_answered().await;
            sleep(idle).await;
        }
        assert!(about(HEAD_WITHIN.saturating_sub(idle)).contains(&client.ends_after().await));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_whole_is_not_waited_for_for_ever() {
        for said in [&b""[..], b"PRI * HT", HALF_A_HEAD] {
            let mut client = Client::connect();
            client.says(said).await;
            assert!(about(HEAD_WITHIN).contains(&client.ends_after().await));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_does_not_hold_the_drain() {
        let mut new = Client::connect();
        new.says(HALF_A_HEAD).await;
        new.closing.cancel();
        assert!(about(LAST_HEAD_WITHIN).contains(&new.ends_after().await));

        let mut known = Client::connect();
        known.says(REQUEST).await;
        known.is_answered().await;
        known.says(HALF_A_HEAD).await;
        known.closing.cancel();
        assert!(about(Duration::ZERO).contains(&known.ends_after().await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_whose_end_comes_just_then_is_still_answered() {
        let mut client = Client::connect();
        client.says(HALF_A_HEAD).await;
        client.closing.cancel();
        client.says(b"st: x\r\n\r\n").await;
        client.is_answered().await;
        assert!(about(Duration::ZERO).contains(&client.ends_after().await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_is_answered_in_full() {
        let mut client = Client::connect();
        client.says(REQUEST).await;
        client.closing.cancel();
        // It takes its time to read the answer, too.
        sleep(ANSWER_AFTER * 2).await;
        client.is_answered().await;
        assert!(about(Duration::ZERO).contains(&client.ends_after().await));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_at_once() {
        let mut client = Client::connect();
        client.says(REQUEST).await;
        client.is_answered().await;
        client.closing.cancel();
        assert!(about(Duration::ZERO).contains(&client.ends_after().await));
    }
}
