//! The dashboard's latency and demand, published to CloudWatch at high resolution, as an early hint for the
//! controller. Requests only count; a task of its own publishes, and what it cannot publish is lost.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::put_metric_data::builders::PutMetricDataFluentBuilder;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use axum::http::StatusCode;
use hdrhistogram::Histogram;
use tokio::time::{MissedTickBehavior, interval};

/// How often is published: CloudWatch's high resolution keeps periods of 10 s.
pub const EVERY: Duration = Duration::from_secs(10);
/// Distinct values of one datum at most (`PutMetricData`).
const MAX_VALUES: usize = 150;
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// One second is the only high resolution that there is.
const HIGH_RESOLUTION_S: i32 = 1;
/// Two digits: a bucket is at most 1 % wide.
const DIGITS: u8 = 2;

/// Whoever waited longer counts as having waited a minute, the load balancer's timeout.
const LONGEST_US: u64 = 60_000_000;

/// Where to publish.
#[derive(Clone, Debug)]
pub struct Settings {
    /// CloudWatch's namespace.
    pub namespace: String,
    /// The value of the dimension `Service`.
    pub service: String,
}

/// What happened since the last publication.
#[derive(Debug, Default)]
pub struct Publisher {
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    /// In microseconds; none before the first request.
    latency_us: Option<Histogram<u64>>,
    requests: u64,
    failed: u64,
}

impl Publisher {
    /// Counts a request to the dashboard. One that was refused or failed is demand, and no latency. One whose client
    /// gave up, which has no answer, is both a failure and a latency: it took at least so long.
    pub fn record(&self, elapsed_s: f64, answer: Option<StatusCode>) {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.requests += 1;
        let is_refused =
            answer.is_some_and(|status| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS);
        if is_refused || answer.is_none() {
            window.failed += 1;
        }
        if is_refused {
            return;
        }
        if window.latency_us.is_none() {
            window.latency_us = Histogram::new_with_bounds(1, LONGEST_US, DIGITS).ok();
        }
        if let Some(latency_us) = &mut window.latency_us {
            latency_us.saturating_record((elapsed_s * 1e6).max(1.0) as u64);
        }
    }

    /// Publishes every 10 s, for ever.
    pub async fn publish(&self, settings: &Settings) {
        let client = client().await;
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let window = std::mem::take(&mut *self.window.lock().unwrap_or_else(PoisonError::into_inner));
            if let Err(error) = put(&client, settings, &window).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "CloudWatch did not take the dashboard's metrics"
                );
            }
        }
    }
}

async fn client() -> Client {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().operation_timeout(CALL_TIMEOUT).build();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts);
    Client::new(&config.load().await)
}

async fn put(client: &Client, settings: &Settings, window: &Window) -> anyhow::Result<()> {
    let call = client.put_metric_data().namespace(&settings.namespace);
    let call = data(settings, window).into_iter().fold(call, PutMetricDataFluentBuilder::metric_data);
    call.send().await.map(drop).context("PutMetricData")
}

/// One call's worth: demand, failures, and latencies as values with their counts. Without a request the demand is 0,
/// which is news too.
fn data(settings: &Settings, window: &Window) -> Vec<MetricDatum> {
    let service = Dimension::builder().name("Service").value(&settings.service).build();
    let now = DateTime::from(std::time::SystemTime::now());
    let datum = |name: &str, unit| {
        MetricDatum::builder()
            .metric_name(name)
            .dimensions(service.clone())
            .timestamp(now)
            .unit(unit)
            .storage_resolution(HIGH_RESOLUTION_S)
    };
    let mut data = vec![
        datum("DashboardRequests", StandardUnit::Count).value(window.requests as f64).build(),
        datum("DashboardFailures", StandardUnit::Count).value(window.failed as f64).build(),
    ];
    for chunk in window.values().chunks(MAX_VALUES) {
        let (values, counts) = chunk.iter().copied().unzip();
        let latency = datum("DashboardLatency", StandardUnit::Seconds);
        data.push(latency.set_values(Some(values)).set_counts(Some(counts)).build());
    }
    data
}

impl Window {
    /// Latencies in seconds, each with how many there were.
    fn values(&self) -> Vec<(f64, f64)> {
        let recorded = self.latency_us.iter().flat_map(Histogram::iter_recorded);
        recorded.map(|step| (step.value_iterated_to() as f64 / 1e6, step.count_at_value() as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_values_with_counts_and_failures_are_demand() {
        let publisher = Publisher::default();
        for (elapsed_s, status) in
            [(0.01, 200), (0.01, 304), (2.0, 200), (0.0, 503), (0.0, 429), (0.001, 401)]
        {
            publisher.record(elapsed_s, StatusCode::from_u16(status).ok());
        }
        let window = publisher.window.lock().unwrap();
        assert_eq!((window.requests, window.failed), (6, 2));
        let values = window.values();
        assert_eq!(values.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1.0, 2.0, 1.0]);
        assert!((values[1].0 - 0.01).abs() < 1e-4 && (values[2].0 - 2.0).abs() < 0.02, "{values:?}");
    }

    #[test]
    fn who_gave_up_had_waited_and_was_not_served() {
        let publisher = Publisher::default();
        publisher.record(10.0, None);
        let window = publisher.window.lock().unwrap();
        assert_eq!((window.requests, window.failed), (1, 1));
        let values = window.values();
        assert!(matches!(values[..], [(waited_s, 1.0)] if (waited_s - 10.0).abs() < 0.1), "{values:?}");
    }

    #[test]
    fn many_values_are_split_and_silence_is_a_zero() {
        let settings = Settings { namespace: "n".to_owned(), service: "s".to_owned() };
        let silent = data(&settings, &Window::default());
        assert_eq!((silent.len(), silent[0].value()), (2, Some(0.0)));
        let publisher = Publisher::default();
        for millisecond in 1..400 {
            publisher.record(f64::from(millisecond * millisecond) / 1e3, Some(StatusCode::OK));
        }
        let data = data(&settings, &publisher.window.lock().unwrap());
        assert!(data.len() > 3 && data.iter().all(|datum| datum.values().len() <= MAX_VALUES));
        assert!(data.iter().all(|datum| datum.storage_resolution() == Some(1)));
    }
}
