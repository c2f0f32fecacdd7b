//! What is observed of every request: how long it took and how it ended, by endpoint; for `/metrics`, and of the
//! dashboard also for CloudWatch.

mod cloud_watch;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use metrics::{SharedString, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;

pub use cloud_watch::{Publisher, Settings as CloudWatchSettings};

use crate::state::AppState;
use crate::telemetry::Traced;

/// The endpoint whose latency is the objective.
const DASHBOARD: &str = "/dashboard";
/// How a request counts whose client did not wait for the answer: nginx's number, which no client ever sees.
const CLIENT_GONE: u16 = 499;
/// The methods that are labels. Who invents others, each time another, would have a series kept for each for ever.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

/// The recorder, one a process: what it has counted is written out by it.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    // Another recorder may be there only in a program that is not ours.
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().ok()).as_ref()
}

/// Starts counting.
pub fn start() {
    recorder();
}

/// Puts away what was timed since the last time, which else would pile up while nobody asks for the metrics.
pub fn tidy() {
    if let Some(recorder) = recorder() {
        recorder.run_upkeep();
    }
}

/// Times a request from its arrival to the head of what `answer` gives.
pub(crate) async fn observe<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let mut under_way = UnderWay::begin(state, &request);
    let traced = Traced::request(request.method(), &under_way.endpoint, request.headers());
    let response = answer(request).instrument(traced.span()).await;
    traced.answered(&response);
    under_way.answer = Some(response.status());
    response
}

fn label(method: &Method) -> &'static str {
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// A request under way. It is counted when it is dropped, which is when it is answered, or when its client gives up:
/// nothing after an `await` is reached then, and those who give up have waited longest.
struct UnderWay {
    endpoint: SharedString,
    method: &'static str,
    began: Instant,
    answer: Option<StatusCode>,
    publisher: Arc<Publisher>,
}

impl UnderWay {
    fn begin(state: &AppState, request: &Request) -> Self {
        gauge!("api_requests_in_flight").increment(1);
        let endpoint = request.extensions().get::<MatchedPath>().map(|path| path.as_str().into());
        Self {
            // Shared, since each series that it labels has it.
            endpoint: endpoint.map_or("unmatched".into(), SharedString::from_shared),
            method: label(request.method()),
            began: Instant::now(),
            answer: None,
            publisher: Arc::clone(&state.publisher),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        gauge!("api_requests_in_flight").decrement(1);
        let elapsed_s = self.began.elapsed().as_secs_f64();
        if *self.endpoint == *DASHBOARD {
            self.publisher.record(elapsed_s, self.answer);
        }
        let status = self.answer.map_or(CLIENT_GONE, |status| status.as_u16());
        let (endpoint, method) = (self.endpoint.clone(), self.method);
        tracing::debug!(endpoint = &*endpoint, method, status, elapsed_s, "a request ended");
        counter!("api_requests_total", "endpoint" => endpoint.clone(), "method" => method, "status" => status.to_string())
            .increment(1);
        histogram!("api_request_duration_seconds", "endpoint" => endpoint, "method" => method)
            .record(elapsed_s);
    }
}

/// `GET /metrics`, in Prometheus's text format.
pub async fn metrics(State(state): State<AppState>) -> String {
    for (pool, connections) in state.database.connections() {
        gauge!("api_database_connections", "pool" => pool, "state" => "used")
            .set(f64::from(connections.used));
        gauge!("api_database_connections", "pool" => pool, "state" => "idle").set(connections.idle as f64);
    }
    gauge!("api_redis_up").set(f64::from(u8::from(state.cache.answers())));
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}
