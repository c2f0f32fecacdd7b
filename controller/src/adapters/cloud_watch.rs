//! The [`Metrics`] port on CloudWatch: what the load balancer published, in the core's terms.

use aws::Error;
use aws::metrics::{self, Dimensions, Period, Window};
use scaling::Datapoint;

use crate::ports::Metrics;

/// CloudWatch of one account and region.
#[derive(Clone, Debug)]
pub struct CloudWatch(pub aws::Clients);

impl Metrics for CloudWatch {
    async fn read(&self, groups: &[Dimensions], window: Window) -> Result<Vec<Vec<Datapoint>>, Error> {
        let periods = metrics::read(&self.0.cloud_watch, groups, window).await?;
        let datapoint = |period: &Period| datapoint(period, f64::from(window.period_s));
        Ok(periods.iter().map(|group| group.iter().map(datapoint).collect()).collect())
    }

    async fn beat(&self, namespace: &str, groups: &[&str]) -> Result<(), Error> {
        metrics::beat(&self.0.cloud_watch, namespace, groups).await
    }
}

/// Counts become rates. A request for which there was no target is demand that nobody counted as a request.
///
/// A count without a datapoint is a count of nothing only if the load balancer reported at all in that period,
/// which its healthy hosts tell. The requests themselves are absent then, also where a zero was published: that is
/// how the core knows that there was no traffic. Where other target groups had requests, the objective's had a count
/// of nothing.
fn datapoint(period: &Period, period_s: f64) -> Datapoint {
    let rate = |count: Option<f64>| count.map(|n| n / period_s);
    let positive = |count: Option<f64>| count.filter(|n| *n > 0.0);
    let failed = sum([period.target_5xx, period.balancer_5xx, period.rejected]);
    let reported = period.healthy.is_some() || period.requests.is_some();
    Datapoint {
        at: period.start_s as f64,
        period_s,
        requests_per_s: rate(positive(sum([period.requests, period.unrouted, period.rejected]))),
        objective_requests_per_s: rate(period.objective_requests.or(period.requests.map(|_| 0.0))),
        latency_p95_s: period.latency_p95_s,
        samples: positive(period.timed),
        failed_per_s: rate(failed.or(reported.then_some(0.0))),
        cpu_percent: period.cpu_percent,
        in_service: period.in_service,
        healthy: period.healthy,
    }
}

/// The sum of those that are known, if any is.
fn sum<const N: usize>(counts: [Option<f64>; N]) -> Option<f64> {
    counts.into_iter().flatten().reduce(|sum, count| sum + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_without_a_target_are_demand_and_failures() {
        let period = Period {
            requests: Some(540.0),
            unrouted: Some(60.0),
            target_5xx: Some(6.0),
            balancer_5xx: Some(60.0),
            ..Period::default()
        };
        let datapoint = datapoint(&period, 60.0);
        assert_eq!(datapoint.requests_per_s, Some(10.0));
        assert_eq!(datapoint.failed_per_s, Some(1.1));
    }

    #[test]
    fn healthy_hosts_and_no_counts_are_no_failures_but_no_zero_requests_either() {
        let quiet = datapoint(&Period { healthy: Some(2.0), ..Period::default() }, 60.0);
        assert_eq!((quiet.requests_per_s, quiet.failed_per_s), (None, Some(0.0)));
        let silent = datapoint(&Period { cpu_percent: Some(3.0), ..Period::default() }, 60.0);
        assert_eq!((silent.requests_per_s, silent.failed_per_s), (None, None));
    }

    #[test]
    fn requests_for_another_target_group_are_not_the_objective_s() {
        let other = Period { requests: Some(600.0), healthy: Some(2.0), ..Period::default() };
        let both = Period { objective_requests: Some(60.0), ..other.clone() };
        assert_eq!(datapoint(&other, 60.0).objective_requests_per_s, Some(0.0));
        assert_eq!(datapoint(&both, 60.0).objective_requests_per_s, Some(1.0));
        let quiet = Period { requests: None, ..other };
        assert_eq!(datapoint(&quiet, 60.0).objective_requests_per_s, None);
    }

    #[test]
    fn a_load_balancer_that_reports_zero_failures_did_not_have_requests_for_it() {
        let period = Period { healthy: Some(2.0), unrouted: Some(0.0), ..Period::default() };
        assert_eq!(datapoint(&period, 60.0).requests_per_s, None);
    }
}
