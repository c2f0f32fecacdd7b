//! What the load balancer and the instances published to CloudWatch, read for all groups at once.
//!
//! The cost of `GetMetricData` is by metric, not by call, but its throttle is by call, and readings of one call
//! agree with one another. So everything is asked for together, 500 metrics at a time.

mod heartbeat;
mod query;

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{MetricDataResult, StatusCode};
use aws_smithy_types::DateTime;

use crate::error::{Error, Kind};
pub use heartbeat::beat;
use query::Query;

const OPERATION: &str = "GetMetricData";
/// AWS's limit on one call.
const MOST_QUERIES: usize = 500;

/// Where one group's metrics are found. Load balancers and target groups are named by the end of their ARN, as
/// CloudWatch has it: `app/web/50dc6c495c0c9188`, `targetgroup/web/73e2d6bc24d8a067`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimensions {
    /// The Auto Scaling group's name.
    pub auto_scaling_group: String,
    /// The load balancer in front of it.
    pub load_balancer: String,
    /// The target groups that its instances serve.
    pub target_groups: Vec<String>,
    /// The one of them whose latency has the objective.
    pub objective_target_group: String,
}

/// Whole periods: both ends are multiples of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first period's start, in Unix seconds.
    pub start_s: i64,
    /// The last period's end, in Unix seconds.
    pub end_s: i64,
    /// The period's length in seconds: 1, 5, 10, 30 or a multiple of 60.
    pub period_s: u32,
}

/// One period as published. What has no datapoint is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Period {
    /// The period's start, in Unix seconds.
    pub start_s: i64,
    /// `RequestCount`, summed over the target groups.
    pub requests: Option<f64>,
    /// `RequestCount` of the objective's target group.
    pub objective_requests: Option<f64>,
    /// `HTTPCode_ELB_503_Count`: requests for which there was no target. The load balancer's own, not by group.
    pub unrouted: Option<f64>,
    /// `TargetResponseTime`, the 95th percentile of the objective's target group, in seconds.
    pub latency_p95_s: Option<f64>,
    /// `TargetResponseTime`, the number of responses timed, summed over the target groups.
    pub timed: Option<f64>,
    /// `HTTPCode_Target_5XX_Count`, summed over the target groups.
    pub target_5xx: Option<f64>,
    /// `HTTPCode_ELB_5XX_Count`: answered by the load balancer itself.
    pub balancer_5xx: Option<f64>,
    /// `RejectedConnectionCount`: not even accepted by the load balancer.
    pub rejected: Option<f64>,
    /// `CPUUtilization`, the mean of the group's instances, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// `HealthyHostCount`, the mean over the period, of the objective's target group.
    pub healthy: Option<f64>,
    /// `GroupInServiceInstances`, where the group publishes it.
    pub in_service: Option<f64>,
}

/// The periods that have any datapoint, ascending, for each of `groups` in their order.
pub async fn read(client: &Client, groups: &[Dimensions], window: Window) -> Result<Vec<Vec<Period>>, Error> {
    let queries: Vec<Query> =
        groups.iter().enumerate().flat_map(|(group, dimensions)| query::plan(group, dimensions)).collect();
    let mut periods = vec![BTreeMap::new(); groups.len()];
    for chunk in queries.chunks(MOST_QUERIES) {
        read_chunk(client, chunk, window, &mut periods).await?;
    }
    Ok(periods.into_iter().map(|group| group.into_values().collect()).collect())
}

async fn read_chunk(
    client: &Client,
    queries: &[Query],
    window: Window,
    periods: &mut [BTreeMap<i64, Period>],
) -> Result<(), Error> {
    let request = client
        .get_metric_data()
        .start_time(DateTime::from_secs(window.start_s))
        .end_time(DateTime::from_secs(window.end_s))
        .set_metric_data_queries(Some(query::to_sdk(queries, window.period_s)));
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::of(OPERATION, &error))?;
        for result in page.metric_data_results() {
            file(result, queries, periods)?;
        }
    }
    Ok(())
}

fn file(
    result: &MetricDataResult,
    queries: &[Query],
    periods: &mut [BTreeMap<i64, Period>],
) -> Result<(), Error> {
    if result.status_code() == Some(&StatusCode::Forbidden) {
        let message = format!("reading {} is not allowed", result.label().unwrap_or("a metric"));
        return Err(Error { kind: Kind::Denied, operation: OPERATION, message });
    }
    if result.status_code() == Some(&StatusCode::InternalError) {
        // A value that is missing for CloudWatch's own fault must not be taken for one that never was.
        let message = format!("CloudWatch could not read {}", result.label().unwrap_or("a metric"));
        return Err(Error { kind: Kind::Other, operation: OPERATION, message });
    }
    let Some(query) = result.id().and_then(|id| query::by_id(queries, id)) else { return Ok(()) };
    for (timestamp, value) in result.timestamps().iter().zip(result.values()) {
        let start_s = timestamp.secs();
        let period =
            periods[query.group].entry(start_s).or_insert_with(|| Period { start_s, ..Period::default() });
        query.add(period, *value);
    }
    Ok(())
}
