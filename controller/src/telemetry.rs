//! Where the daemon's log and figures go.

use std::io::IsTerminal;

use anyhow::Context;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::{Log, LogFormat};

/// The buckets of a tick's duration: most of it is AWS's answer time.
const TICK_BUCKETS_S: &[f64] = &[0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Logs to standard error from now on. Other crates speak only in warnings: the SDK's debug lines hold headers.
pub fn log(log: Log) -> anyhow::Result<()> {
    let filter = Targets::new()
        .with_target("controller", log.level)
        // Its warnings say again what the failed call says.
        .with_target("aws_config", LevelFilter::ERROR)
        .with_default(LevelFilter::WARN.min(LevelFilter::from_level(log.level)));
    // Said on standard error as well, and a panic where that is what cannot be written.
    let layer = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let layer = match log.format {
        LogFormat::Human => layer.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // A filter of the whole registry, not of the layer: sqlx asks whether a line would be written and then writes none,
    // and a layer's filter takes its refusal for one of the next line, which would be lost.
    tracing_subscriber::registry().with(layer).with(filter).try_init().context("cannot set the log up")
}

/// Collects the figures from now on; the handle renders them.
pub fn prometheus() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets(TICK_BUCKETS_S)
        .context("the buckets are not empty")?
        .install_recorder()
        .context("cannot set the metrics up")?;
    describe();
    Ok(handle)
}

fn describe() {
    describe_counter!("controller_decisions_total", "Decisions, by group, action and reason.");
    describe_counter!("controller_aws_calls_total", "Calls to AWS, by operation and outcome.");
    describe_counter!("controller_journal_errors_total", "Writes that the journal refused.");
    describe_histogram!("controller_tick_duration_seconds", Unit::Seconds, "From observation to outcome.");
    describe_gauge!("controller_leads", "1 where this controller leads, 0 where it stands by.");
    for (name, unit, help) in [
        ("controller_desired_capacity_instances", Unit::Count, "Desired capacity, as the group says."),
        ("controller_decided_capacity_instances", Unit::Count, "Desired capacity, as decided."),
        ("controller_in_service_instances", Unit::Count, "Instances in service."),
        ("controller_pending_instances", Unit::Count, "Instances on their way."),
        ("controller_latency_p95_seconds", Unit::Seconds, "The p95 that the objective is about."),
        ("controller_requests_per_second", Unit::CountPerSecond, "Requests over all target groups."),
        ("controller_failed_requests_per_second", Unit::CountPerSecond, "Requests shed, refused or failed."),
        (
            "controller_instance_capacity_requests_per_second",
            Unit::CountPerSecond,
            "What one instance serves at most, as learned.",
        ),
        ("controller_boot_seconds", Unit::Seconds, "From launch to in service, as measured."),
        ("controller_observation_age_seconds", Unit::Seconds, "Since the end of the last period known."),
    ] {
        describe_gauge!(name, unit, help);
    }
}
