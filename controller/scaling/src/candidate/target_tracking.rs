//! AWS's target tracking, for people who want what they know: a metric above its target in three datapoints of three
//! adds, one below nine tenths of it in fifteen of fifteen takes away, each time to `ceil(N * M / T)`.
//!
//! Amazon publishes no formula; the documentation and the re-implementations agree on this one, and the alarms can be
//! read in any account. `N` is the capacity at the metric's time, so that a metric that is late does not overshoot.
//! A datapoint that is missing leaves both alarms off, as AWS's `INSUFFICIENT_DATA` does.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html>

use super::{Alarm, Candidate, Facts, Source, Why};
use crate::history::History;
use crate::observation::{Datapoint, Reading};
use crate::policy::Target;

const HIGH_DATAPOINTS: usize = 3;
const LOW_DATAPOINTS: usize = 15;
/// The low alarm's threshold, as a share of the target.
const LOW_SHARE: f64 = 0.9;

pub(crate) fn candidate(facts: &Facts) -> Candidate {
    let desired = facts.fleet.desired;
    let opinion = |wants, accepts, why| Candidate { by: Source::TargetTracking, wants, accepts, why };
    let newest = facts.state.history.newest().filter(|_| is_recent(facts));
    let Some((tracked, capacity)) = facts
        .policy
        .target
        .zip(newest)
        .and_then(|(target, newest)| Some((Tracked::of(target, newest)?, newest.serving()?)))
    else {
        return opinion(None, None, Why::NoTrackedMetric);
    };
    let proportional = (capacity * tracked.metric / tracked.target).ceil() as u32;
    let alarm = alarm(&facts.state.history, facts.policy.target);
    let (wants, accepts) = match alarm {
        Alarm::High => (proportional.max(desired), desired),
        Alarm::Low => (0, proportional.min(desired)),
        Alarm::None => (0, desired),
    };
    let Tracked { metric, target } = tracked;
    opinion(Some(wants), Some(accepts), Why::Tracked { metric, target, alarm })
}

/// A target's metric, in the target's unit.
struct Tracked {
    metric: f64,
    target: f64,
}

impl Tracked {
    fn of(target: Target, datapoint: &Datapoint) -> Option<Self> {
        Some(match target {
            Target::RequestsPerS(target) => {
                Self { metric: datapoint.requests_per_s? / datapoint.serving()?, target }
            }
            Target::CpuPercent(target) => Self { metric: datapoint.cpu_percent?, target },
        })
    }
}

fn alarm(history: &History, target: Option<Target>) -> Alarm {
    let all = |datapoints: usize, holds: fn(&Tracked) -> bool| {
        let newest = history.newest_first().take(datapoints);
        let held = newest.map_while(|d| Tracked::of(target?, d)).take_while(holds).count();
        held == datapoints
    };
    if all(HIGH_DATAPOINTS, |tracked| tracked.metric > tracked.target) {
        Alarm::High
    } else if all(LOW_DATAPOINTS, |tracked| tracked.metric < LOW_SHARE * tracked.target) {
        Alarm::Low
    } else {
        Alarm::None
    }
}

fn is_recent(facts: &Facts) -> bool {
    let metric = match facts.policy.target {
        Some(Target::CpuPercent(_)) => facts.inputs.cpu_percent,
        _ => facts.inputs.requests_per_s,
    };
    matches!(metric, Reading::Fresh { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm_of(requests_per_s: &[f64]) -> Alarm {
        let mut history = History::default();
        for (minute, requests_per_s) in requests_per_s.iter().enumerate() {
            history.file(&Datapoint {
                at: 60.0 * minute as f64,
                period_s: 60.0,
                requests_per_s: (*requests_per_s > 0.0).then_some(*requests_per_s),
                healthy: Some(2.0),
                ..Datapoint::default()
            });
        }
        alarm(&history, Some(Target::RequestsPerS(10.0)))
    }

    #[test]
    fn three_datapoints_above_the_target_add_and_fifteen_below_nine_tenths_take_away() {
        let table: [(&[f64], Alarm); 7] = [
            (&[21.0; 2], Alarm::None),
            (&[21.0; 3], Alarm::High),
            (&[21.0, 20.0, 21.0, 21.0], Alarm::None),
            (&[17.9; 14], Alarm::None),
            (&[17.9; 15], Alarm::Low),
            (&[18.0; 15], Alarm::None),
            (
                &[17.9, 17.9, 17.9, 17.9, 17.9, 17.9, 17.9, 0.0, 17.9, 17.9, 17.9, 17.9, 17.9, 17.9, 17.9],
                Alarm::None,
            ),
        ];
        for (requests_per_s, expected) in table {
            assert_eq!(alarm_of(requests_per_s), expected, "{requests_per_s:?}");
        }
    }
}
