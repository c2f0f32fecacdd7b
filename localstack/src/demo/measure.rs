//! The figures of a run, from what the users saw, what CloudWatch says of it, and how many instances there were.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::Dimension;
use traffic::{FiledBy, Recorder, Scenario};

use super::history::Sample;
use super::verdict::{OBJECTIVE_S, Outcome, PEAK, SETTLING_S};
use crate::{LocalCloud, Published};

const WINDOW_S: f64 = 5.0;
const MINUTE_S: f64 = 60.0;
/// A p95 of fewer samples says little.
const LEAST_SAMPLES: u64 = 100;

/// A span of a run, from and to, in seconds since its start.
type Span = (f64, f64);

/// Everything that the figures come from.
pub(crate) struct Measured<'a> {
    pub(crate) cloud: &'a LocalCloud,
    pub(crate) scenario: &'a Scenario,
    pub(crate) recorder: &'a Recorder,
    pub(crate) samples: &'a [Sample],
    /// Unix time, whole seconds.
    pub(crate) started_s: f64,
}

impl Measured<'_> {
    pub(crate) async fn outcome(&self) -> Result<Outcome> {
        let all = self.recorder.report().loads;
        let in_service = || self.samples.iter().map(|sample| sample.fleet.in_service);
        let plateau = self.stage(PEAK);
        let last_third = plateau.map(|(from_s, to_s)| (to_s - (to_s - from_s) / 3.0, to_s));
        let high = self.stage("rise").zip(plateau).map(|((from_s, _), (_, to_s))| (from_s, to_s));
        Ok(Outcome {
            p95_s: all.p95_s,
            p95_before_s: self.p95_s(self.stage("before")),
            p95_peak_worst_s: high
                .and_then(|high| self.windows(high).filter_map(|(_, p95_s)| p95_s).reduce(f64::max)),
            p95_peak_s: self.p95_s(last_third),
            p95_after_s: self.p95_s(self.stage("after")),
            instances_start: in_service().next().unwrap_or(0),
            instances_min: in_service().min().unwrap_or(0),
            instances_peak: in_service().max().unwrap_or(0),
            instances_end: in_service().next_back().unwrap_or(0),
            actions: self.actions_since(0.0),
            actions_once_settled: self.actions_since(SETTLING_S),
            reaction_s: reaction_s(self.samples, &self.cloud.published()),
            recovery_s: self.recovery_s(),
            requests: all.count,
            failures: all.failed,
            slow_percent: 100.0 * all.slow as f64 / all.count.max(1) as f64,
            instance_seconds: instance_seconds(self.samples),
            cloudwatch_difference_percent: self.cloudwatch_difference_percent().await?,
        })
    }

    fn actions_since(&self, t_s: f64) -> usize {
        let decisions = self.samples.iter().flat_map(|sample| &sample.decisions);
        decisions.filter(|told| told.t_s >= t_s && told.action != "hold").count()
    }

    /// A closed loop may not have told how long it would take.
    fn duration_s(&self) -> f64 {
        self.scenario.duration_s().unwrap_or_else(|| self.recorder.live().t_s)
    }

    fn stage(&self, name: &str) -> Option<Span> {
        self.scenario
            .stages()
            .iter()
            .find(|stage| stage.name == name)
            .map(|stage| (stage.start_s, stage.end_s))
    }

    /// Filed by when loads ended, as CloudWatch files them.
    fn p95_s(&self, span: Option<Span>) -> Option<f64> {
        let (from_s, to_s) = span?;
        self.recorder.report_between(from_s, to_s, FiledBy::End).loads.p95_s
    }

    fn windows(&self, (from_s, to_s): Span) -> impl Iterator<Item = (f64, Option<f64>)> {
        let count = ((to_s - from_s) / WINDOW_S).floor() as u32;
        (0..count).map(move |i| {
            let start_s = from_s + f64::from(i) * WINDOW_S;
            (start_s, self.p95_s(Some((start_s, start_s + WINDOW_S))))
        })
    }

    /// From the first slow window to the end of the last.
    fn recovery_s(&self) -> f64 {
        let whole = (0.0, self.duration_s());
        let slow = |p95_s: Option<f64>| p95_s.is_some_and(|p95_s| p95_s > OBJECTIVE_S);
        let slow: Vec<f64> =
            self.windows(whole).filter(|(_, p95_s)| slow(*p95_s)).map(|(at_s, _)| at_s).collect();
        slow.first().zip(slow.last()).map_or(0.0, |(first_s, last_s)| last_s + WINDOW_S - first_s)
    }

    /// The largest difference over the whole minutes of the wall clock that lie within the run. Percentiles cannot
    /// be combined, so the minutes are CloudWatch's own.
    async fn cloudwatch_difference_percent(&self) -> Result<Option<f64>> {
        let end_s = self.started_s + self.duration_s();
        let mut minute_s = (self.started_s / MINUTE_S).ceil() * MINUTE_S;
        let mut largest = None;
        while minute_s + MINUTE_S <= end_s {
            let from_s = minute_s - self.started_s;
            let users = self.recorder.report_between(from_s, from_s + MINUTE_S, FiledBy::End).loads;
            if let (Some(users_s), true) = (users.p95_s, users.count >= LEAST_SAMPLES) {
                // A minute that CloudWatch lacks is the largest difference of all.
                let cloudwatch_s = self.cloudwatch_p95_s(minute_s).await?.unwrap_or(0.0);
                let percent = 100.0 * (cloudwatch_s - users_s).abs() / users_s;
                tracing::info!(minute = from_s, cloudwatch_s, users_s, samples = users.count, "p95 compared");
                largest = Some(percent.max(largest.unwrap_or(0.0)));
            }
            minute_s += MINUTE_S;
        }
        Ok(largest)
    }

    async fn cloudwatch_p95_s(&self, minute_s: f64) -> Result<Option<f64>> {
        let stack = self.cloud.stack();
        let at = |unix_s: f64| DateTime::from(UNIX_EPOCH + Duration::from_secs_f64(unix_s));
        let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
        let answer = self
            .cloud
            .clients()
            .cloud_watch
            .get_metric_statistics()
            .namespace("AWS/ApplicationELB")
            .metric_name("TargetResponseTime")
            .dimensions(dimension("LoadBalancer", &stack.load_balancer_dimension))
            .dimensions(dimension("TargetGroup", &stack.dashboard_dimension))
            .start_time(at(minute_s))
            .end_time(at(minute_s + MINUTE_S))
            .period(60)
            .extended_statistics("p95")
            .send()
            .await?;
        let datapoint = answer.datapoints().first();
        Ok(datapoint.and_then(|datapoint| datapoint.extended_statistics()?.get("p95").copied()))
    }
}

/// From the moment at which CloudWatch had the datapoint that decided the first scale-out, until it was carried out.
fn reaction_s(samples: &[Sample], published: &[Published]) -> Option<f64> {
    let decision = samples.iter().flat_map(|sample| &sample.decisions).find(|d| d.action == "scale_out")?;
    let decided_on_s = decision.datapoint_end_s?;
    let datapoint = published.iter().rfind(|p| p.period_end_s <= decided_on_s + 0.5)?;
    Some(decision.done_at_s? - datapoint.at_s)
}

/// Whatever is launched is paid for, serving or not.
fn instance_seconds(samples: &[Sample]) -> f64 {
    samples.windows(2).map(|two| f64::from(two[0].fleet.launched()) * (two[1].t_s - two[0].t_s)).sum()
}
