//! Log lines, on standard error; requests show there at debug only, and never their headers. Where a collector is
//! named, traces besides, by OpenTelemetry's own variables.

mod asked;
mod collector;
mod spans;
mod statements;

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry};

pub(crate) use spans::{Traced, redis_command};

use crate::settings::{LogFormat, variable};
use asked::Asked;
use collector::Collector;
use statements::Statements;

/// The database's notices ("already exists, skipping") are no news.
const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn";
/// Either names a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
/// How long the last spans may take when the process ends.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);
const SERVICE: &str = "exstrat-api";

/// What is told while this lives; dropped, it sends what it still holds.
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts logging (`RUST_LOG` filters, by default at info) and, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set, tracing.
///
/// # Errors
/// The collector's address or another of its variables makes no sense.
pub fn start(format: LogFormat) -> anyhow::Result<Telemetry> {
    let traces = is_asked_for().then(provider).transpose()?;
    let told = tracing_subscriber::registry().with(logs(format));
    // An optional layer would not be told which subscriber it is part of.
    match &traces {
        Some(provider) => told.with(layers(provider.tracer(SERVICE))).init(),
        None => told.init(),
    }
    Ok(Telemetry { traces })
}

fn is_asked_for() -> bool {
    ENDPOINTS.iter().any(|name| variable(name).is_some())
}

fn logs(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let filter = variable("RUST_LOG").unwrap_or_else(|| DEFAULT_FILTER.to_owned());
    let filter = Asked(EnvFilter::new(filter));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Human => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    }
}

/// Spans wait in a bounded queue for a thread of their own, which sends them; one that finds it full is dropped.
fn provider() -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new()?).build();
    let exporter = exporter.context("OTEL_EXPORTER_OTLP_*")?;
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    let mut resource = Resource::builder();
    if variable("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name(SERVICE);
    }
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build())
}

/// What makes spans of ours, and of the statements within them, into the collector's.
fn layers<S>(tracer: SdkTracer) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
{
    let ours = tracing_opentelemetry::layer()
        .with_tracer(tracer.clone())
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(spans::filter());
    ours.and_then(Statements::new(tracer).with_filter(statements::filter()))
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.take().map(|traces| traces.shutdown_with_timeout(FLUSH_WITHIN))
        {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}
