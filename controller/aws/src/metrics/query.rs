//! Which metrics are asked for, and where each answer belongs.

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};

use super::{Dimensions, Period};

const BALANCER: &str = "AWS/ApplicationELB";

/// One metric of one group.
pub(super) struct Query {
    /// The group's index among those asked for.
    pub(super) group: usize,
    series: Series,
    /// Whether it is of the objective's target group.
    is_objective: bool,
    dimensions: Vec<(&'static str, String)>,
}

/// What a metric is to a [`Period`].
#[derive(Clone, Copy, Debug, PartialEq)]
enum Series {
    Requests,
    Unrouted,
    LatencyP95,
    Timed,
    Target5xx,
    Balancer5xx,
    Rejected,
    Cpu,
    Healthy,
    InService,
}

impl Series {
    /// Namespace, name and statistic.
    fn metric(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Requests => (BALANCER, "RequestCount", "Sum"),
            Self::Unrouted => (BALANCER, "HTTPCode_ELB_503_Count", "Sum"),
            Self::LatencyP95 => (BALANCER, "TargetResponseTime", "p95"),
            Self::Timed => (BALANCER, "TargetResponseTime", "SampleCount"),
            Self::Target5xx => (BALANCER, "HTTPCode_Target_5XX_Count", "Sum"),
            Self::Balancer5xx => (BALANCER, "HTTPCode_ELB_5XX_Count", "Sum"),
            Self::Rejected => (BALANCER, "RejectedConnectionCount", "Sum"),
            Self::Cpu => ("AWS/EC2", "CPUUtilization", "Average"),
            Self::Healthy => (BALANCER, "HealthyHostCount", "Average"),
            Self::InService => ("AWS/AutoScaling", "GroupInServiceInstances", "Average"),
        }
    }

    /// Its place in a period.
    fn of(self, period: &mut Period) -> &mut Option<f64> {
        match self {
            Self::Requests => &mut period.requests,
            Self::Unrouted => &mut period.unrouted,
            Self::LatencyP95 => &mut period.latency_p95_s,
            Self::Timed => &mut period.timed,
            Self::Target5xx => &mut period.target_5xx,
            Self::Balancer5xx => &mut period.balancer_5xx,
            Self::Rejected => &mut period.rejected,
            Self::Cpu => &mut period.cpu_percent,
            Self::Healthy => &mut period.healthy,
            Self::InService => &mut period.in_service,
        }
    }
}

/// A group's queries. Counts are summed over its target groups; percentiles cannot be, nor need healthy hosts be:
/// the same instances stand behind all of them.
pub(super) fn plan(group: usize, of: &Dimensions) -> Vec<Query> {
    let balancer = || vec![("LoadBalancer", of.load_balancer.clone())];
    let target_group = |name: &String| {
        let mut dimensions = balancer();
        dimensions.push(("TargetGroup", name.clone()));
        dimensions
    };
    let instances = || vec![("AutoScalingGroupName", of.auto_scaling_group.clone())];
    let mut queries = Vec::new();
    let mut ask = |series, is_objective, dimensions| {
        queries.push(Query { group, series, is_objective, dimensions });
    };
    for name in &of.target_groups {
        for series in [Series::Requests, Series::Timed, Series::Target5xx] {
            ask(series, *name == of.objective_target_group, target_group(name));
        }
    }
    for series in [Series::LatencyP95, Series::Healthy] {
        ask(series, true, target_group(&of.objective_target_group));
    }
    for series in [Series::Unrouted, Series::Balancer5xx, Series::Rejected] {
        ask(series, false, balancer());
    }
    for series in [Series::Cpu, Series::InService] {
        ask(series, false, instances());
    }
    queries
}

/// The queries as the API wants them, each with its index as identity (which must start with a letter).
pub(super) fn to_sdk(queries: &[Query], period_s: u32) -> Vec<MetricDataQuery> {
    let period_s = i32::try_from(period_s).unwrap_or(i32::MAX);
    queries
        .iter()
        .enumerate()
        .map(|(index, query)| {
            MetricDataQuery::builder()
                .id(format!("q{index}"))
                .metric_stat(query.to_sdk(period_s))
                .return_data(true)
                .build()
        })
        .collect()
}

/// The query with this identity.
pub(super) fn by_id<'a>(queries: &'a [Query], id: &str) -> Option<&'a Query> {
    queries.get(id.strip_prefix('q')?.parse::<usize>().ok()?)
}

impl Query {
    /// Takes a value of the answer into its period: a sum's part, or the value itself.
    pub(super) fn add(&self, period: &mut Period, value: f64) {
        let known = self.series.of(period);
        *known = Some(known.unwrap_or(0.0) + value);
        if self.is_objective && self.series == Series::Requests {
            period.objective_requests = Some(period.objective_requests.unwrap_or(0.0) + value);
        }
    }

    fn to_sdk(&self, period_s: i32) -> MetricStat {
        let (namespace, name, statistic) = self.series.metric();
        let dimensions = self
            .dimensions
            .iter()
            .map(|(name, value)| Dimension::builder().name(*name).value(value).build())
            .collect();
        let metric =
            Metric::builder().namespace(namespace).metric_name(name).set_dimensions(Some(dimensions)).build();
        MetricStat::builder().metric(metric).period(period_s).stat(statistic).build()
    }
}
