//! Publishes what AWS itself publishes: the load balancer's readings and the group's CPU, each period, under the
//! names, units and dimensions of the real services.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use balancer::{Readings, TargetGroupReading};

use crate::stack::Stack;
use aws::Clients;

/// `PutMetricData` takes at most so many distinct values in a datum.
const VALUES_PER_DATUM: usize = 150;

/// Publishes one period.
pub(crate) struct Publication<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) readings: &'a Readings,
    /// CPU of each instance in percent.
    pub(crate) cpu_percent: Vec<f64>,
    /// The period's start.
    pub(crate) at: Duration,
}

impl Publication<'_> {
    pub(crate) async fn send(&self, clients: &Clients) -> Result<()> {
        let load_balancer = self.load_balancer_data();
        let put = |namespace: &str, data: Vec<MetricDatum>| {
            clients.cloud_watch.put_metric_data().namespace(namespace).set_metric_data(Some(data)).send()
        };
        put("AWS/ApplicationELB", load_balancer)
            .await
            .context("cannot publish the load balancer's metrics")?;
        if !self.cpu_percent.is_empty() {
            put("AWS/EC2", vec![self.cpu()]).await.context("cannot publish the group's CPU")?;
        }
        Ok(())
    }

    fn cpu(&self) -> MetricDatum {
        self.datum("CPUUtilization", StandardUnit::Percent, &[("AutoScalingGroupName", &self.stack.group)])
            .set_values(Some(self.cpu_percent.clone()))
            .set_counts(Some(vec![1.0; self.cpu_percent.len()]))
            .build()
    }

    fn load_balancer_data(&self) -> Vec<MetricDatum> {
        let readings = &self.readings.load_balancer;
        let dimensions = [("LoadBalancer", self.stack.load_balancer_dimension.as_str())];
        let mut data = vec![
            self.count("HTTPCode_ELB_4XX_Count", readings.elb_4xx(), &dimensions),
            self.count("HTTPCode_ELB_5XX_Count", readings.elb_5xx(), &dimensions),
            self.count("RejectedConnectionCount", readings.rejected_connections, &dimensions),
            self.count("NewConnectionCount", readings.new_connections, &dimensions),
        ];
        for code in [500, 502, 503, 504] {
            let times = readings.elb_codes.get(&code).copied().unwrap_or(0);
            data.push(self.count(&format!("HTTPCode_ELB_{code}_Count"), times, &dimensions));
        }
        // Real counts are absent where nothing was counted.
        let mut data: Vec<MetricDatum> = data.into_iter().flatten().collect();
        data.extend(self.readings.target_groups.iter().flat_map(|group| self.target_group_data(group)));
        data
    }

    /// What a target group has, and the load balancer for all of them together.
    fn target_group_data(&self, group: &TargetGroupReading) -> Vec<MetricDatum> {
        let (_, dimension) = group.arn.rsplit_once(':').unwrap_or_default();
        let load_balancer = [("LoadBalancer", self.stack.load_balancer_dimension.as_str())];
        let dimensions = [load_balancer[0], ("TargetGroup", dimension)];
        let mut data = self.hosts(group, &dimensions);
        data.extend(self.traffic(group, &dimensions));
        data.extend(self.traffic(group, &load_balancer));
        data
    }

    fn hosts(&self, group: &TargetGroupReading, dimensions: &[(&str, &str)]) -> Vec<MetricDatum> {
        let hosts = |name: &str, hosts: usize| {
            self.datum(name, StandardUnit::Count, dimensions).value(hosts as f64).build()
        };
        let healthy = group.healthy_hosts.max(1) as f64;
        let per_target = (group.request_count > 0).then(|| {
            self.datum("RequestCountPerTarget", StandardUnit::Count, dimensions)
                .value(group.request_count as f64 / healthy)
                .build()
        });
        let hosts = [
            hosts("HealthyHostCount", group.healthy_hosts),
            hosts("UnHealthyHostCount", group.unhealthy_hosts),
        ];
        hosts.into_iter().chain(per_target).collect()
    }

    fn traffic(&self, group: &TargetGroupReading, dimensions: &[(&str, &str)]) -> Vec<MetricDatum> {
        let counts = [
            self.count("RequestCount", group.request_count, dimensions),
            self.count("HTTPCode_Target_2XX_Count", group.target_2xx, dimensions),
            self.count("HTTPCode_Target_3XX_Count", group.target_3xx, dimensions),
            self.count("HTTPCode_Target_4XX_Count", group.target_4xx, dimensions),
            self.count("HTTPCode_Target_5XX_Count", group.target_5xx, dimensions),
            self.count("TargetConnectionErrorCount", group.target_connection_errors, dimensions),
        ];
        let times = group.target_response_time.chunks(VALUES_PER_DATUM).map(|chunk| {
            self.datum("TargetResponseTime", StandardUnit::Seconds, dimensions)
                .set_values(Some(chunk.iter().map(|(seconds, _)| *seconds).collect()))
                .set_counts(Some(chunk.iter().map(|(_, times)| *times as f64).collect()))
                .build()
        });
        counts.into_iter().flatten().chain(times).collect()
    }

    fn count(&self, name: &str, count: u64, dimensions: &[(&str, &str)]) -> Option<MetricDatum> {
        (count > 0).then(|| self.datum(name, StandardUnit::Count, dimensions).value(count as f64).build())
    }

    fn datum(
        &self,
        name: &str,
        unit: StandardUnit,
        dimensions: &[(&str, &str)],
    ) -> aws_sdk_cloudwatch::types::builders::MetricDatumBuilder {
        let dimensions =
            dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
        MetricDatum::builder()
            .metric_name(name)
            .unit(unit)
            .storage_resolution(1)
            .timestamp(DateTime::from(UNIX_EPOCH + self.at))
            .set_dimensions(Some(dimensions.collect()))
    }
}
