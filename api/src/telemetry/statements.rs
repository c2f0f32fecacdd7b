//! The database's statements as spans. The driver says of each statement, once it is done, which it was and how long
//! it took; so the stores need not be told to measure themselves. Values are not part of a statement's text.

use std::fmt::Debug;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanKind, Tracer};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::dispatcher::WeakDispatch;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Event, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Where the driver says it.
const TARGET: &str = "sqlx::query";

/// What the driver says, and the spans that it may have happened in.
pub(super) fn filter() -> Targets {
    super::spans::filter().with_target(TARGET, LevelFilter::DEBUG)
}

/// The layer.
pub(super) struct Statements {
    tracer: SdkTracer,
    dispatch: OnceLock<WeakDispatch>,
}

impl Statements {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self { tracer, dispatch: OnceLock::new() }
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Statements {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        // There is one for the whole process.
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let request = context.event_span(event).filter(|_| event.metadata().target() == TARGET);
        let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
        let parent =
            request.zip(dispatch).and_then(|(span, dispatch)| get_otel_context(&span.id(), &dispatch));
        let Some(parent) = parent else { return };
        let mut statement = Statement::default();
        event.record(&mut statement);
        let ended = SystemTime::now();
        let attributes = [
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.query.summary", statement.summary.clone()),
            KeyValue::new("db.response.returned_rows", statement.rows),
        ];
        self.tracer
            .span_builder(statement.summary)
            .with_kind(SpanKind::Client)
            .with_start_time(ended - statement.took)
            .with_attributes(attributes)
            .start_with_context(&self.tracer, &parent)
            .end_with_timestamp(ended);
    }
}

/// What the driver said.
#[derive(Default)]
struct Statement {
    /// Its first words.
    summary: String,
    took: Duration,
    rows: i64,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.summary);
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value.cast_signed();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
