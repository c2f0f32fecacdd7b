//! A sign of life, published so that others can tell when it stops.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};

use crate::error::Error;

/// The metric's name; its dimension is the group's name, as `AutoScalingGroupName`.
const METRIC: &str = "Heartbeat";
/// AWS's limit on one call.
const MOST_METRICS: usize = 1_000;

/// Publishes a count of one for each of `groups` (names of Auto Scaling groups) under `namespace`.
pub async fn beat(client: &Client, namespace: &str, groups: &[&str]) -> Result<(), Error> {
    for groups in groups.chunks(MOST_METRICS) {
        let data = groups.iter().map(|group| datum(group)).collect();
        let request = client.put_metric_data().namespace(namespace).set_metric_data(Some(data));
        request.send().await.map_err(|error| Error::of("PutMetricData", &error))?;
    }
    Ok(())
}

fn datum(group: &str) -> MetricDatum {
    let dimension = Dimension::builder().name("AutoScalingGroupName").value(group).build();
    MetricDatum::builder()
        .metric_name(METRIC)
        .dimensions(dimension)
        .value(1.0)
        .unit(StandardUnit::Count)
        .build()
}
