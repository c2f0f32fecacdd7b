//! Traces, as a collector gets them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use tokio::net::TcpListener;

use crate::support::{ApiProcess, TestDatabase, access_token, api, eventually, redis_url};

/// A caller's trace and its span within it.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Bytes>>>);

impl Collector {
    /// Listens on a free port; its address.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::clone(&self.0);
        let routes =
            Router::new().route("/v1/traces", post(async move |body: Bytes| kept.lock().unwrap().push(body)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    fn spans(&self) -> Vec<Span> {
        let bodies = self.0.lock().unwrap();
        let requests = bodies.iter().map(|body| ExportTraceServiceRequest::decode(body.clone()).unwrap());
        let resources = requests.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn attribute(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.clone()?.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{name} of {}: {other:?}", span.name),
    }
}

#[tokio::test]
async fn a_request_continues_its_callers_trace_and_its_steps_are_within_it() {
    let (collector, database) = (Collector::default(), TestDatabase::with_two_users().await);
    let mut command = api(&database);
    command.env("REDIS_URL", redis_url()).env("REDIS_NAMESPACE", &database.name);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.start().await);
    command.args(["serve", "--redis-timeout", "2s"]);
    let process = ApiProcess::start(command);
    let (token, traceparent) = (access_token("alice"), format!("00-{TRACE}-{CALLER}-01"));
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("traceparent", &traceparent)];
    let cache_status = async || {
        let answer = process.get_with("/dashboard", &headers).await;
        assert_eq!(answer.status, 200);
        answer.header("cache-status").to_owned()
    };
    assert_eq!(cache_status().await, "redis; fwd=uri-miss");
    // In between the first forecasts may be computed, which drops what was kept.
    eventually("it comes from memory", async || cache_status().await == "memory; hit").await;
    process.terminate();
    assert!(process.exit().await.success());

    // Sent at its end: five seconds have not passed.
    let spans: Vec<Span> =
        collector.spans().into_iter().filter(|span| hex(&span.trace_id) == TRACE).collect();
    let requests: Vec<&Span> = spans.iter().filter(|span| span.kind() == SpanKind::Server).collect();
    let [missed, .., hit] = requests[..] else { panic!("{requests:?}") };
    let outcomes = [missed, hit].map(|span| attribute(span, "cache.status"));
    assert_eq!(outcomes, ["redis; fwd=uri-miss", "memory; hit"]);
    for request in &requests {
        assert_eq!(
            (request.name.as_str(), hex(&request.parent_span_id)),
            ("GET /dashboard", CALLER.to_owned())
        );
        assert_eq!(attribute(request, "http.route"), "/dashboard");
        assert_eq!(attribute(request, "http.response.status_code"), "200");
    }
    let within = |request: &Span| -> Vec<&Span> {
        spans.iter().filter(|span| span.parent_span_id == request.span_id).collect()
    };
    let steps: Vec<&str> = within(missed).iter().map(|step| step.name.as_str()).collect();
    for wanted in ["HMGET", "EVAL", "SELECT"] {
        assert!(steps.iter().any(|step| step.starts_with(wanted)), "{wanted}: {steps:?}");
    }
    let statements = steps.iter().filter(|step| step.starts_with("SELECT")).count();
    assert!((1..=5).contains(&statements), "{steps:?}");
    assert!(within(hit).is_empty(), "memory asks nobody");
    let sent = collector.0.lock().unwrap().concat();
    for private in [token.as_str(), "alice", "example.com"] {
        let found = sent.windows(private.len()).any(|window| window == private.as_bytes());
        assert!(!found, "{private} was sent to the collector");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_a_line() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::with_two_users().await);
    let log = folder.path().join("log");
    let mut command = api(&database);
    command.env("RUST_LOG", "warn").stderr(std::fs::File::create(&log).unwrap());
    // Nobody listens there; spans are sent as soon as there are some.
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1").env("OTEL_BSP_SCHEDULE_DELAY", "20");
    let process = ApiProcess::start({
        command.arg("serve");
        command
    });
    let lines = || std::fs::read_to_string(&log).unwrap().matches("takes no traces").count();
    assert_eq!(process.get("/health/live", None).await.unwrap().status, 200);
    eventually("it is told", async || lines() == 1).await;
    assert_eq!(process.get("/health/live", None).await.unwrap().status, 200);
    process.terminate();
    assert!(process.exit().await.success());
    assert_eq!(lines(), 1, "the next ones are lost in silence");
}
