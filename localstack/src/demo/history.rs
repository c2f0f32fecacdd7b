//! What is seen of a run, second by second: the load, what users feel, the fleet, and the controller's decisions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use traffic::Recorder;

use super::screen::Screen;
use crate::fleet_count::FleetCount;
use crate::host::unix_now_s;
use crate::{LocalCloud, Pace};

/// One second of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// Seconds since the run's start.
    pub t_s: f64,
    /// Dashboards asked for per second, over the last five.
    pub requests_per_s: f64,
    /// p95 of those that ended in the last five seconds.
    pub p95_s: Option<f64>,
    /// Dashboards that are waited for.
    pub in_flight: u64,
    /// Failures so far.
    pub failed: u64,
    /// The instances.
    pub fleet: FleetCount,
    /// What the controller says now.
    pub says: String,
    /// Decisions since the last sample that acted, or whose reason changed.
    pub decisions: Vec<Told>,
}

/// A decision, as the controller tells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Told {
    /// Seconds since the run's start.
    pub t_s: f64,
    /// `scale_out`, `scale_in` or `hold`.
    pub action: String,
    /// The reason's code.
    pub reason: String,
    /// The sentence for people.
    pub sentence: String,
    /// The end of the period that the decision was based on, Unix time in seconds.
    #[serde(skip)]
    pub datapoint_end_s: Option<f64>,
    /// When AWS had confirmed the new desired capacity, Unix time in seconds.
    #[serde(skip)]
    pub done_at_s: Option<f64>,
}

/// The samples so far.
#[derive(Debug)]
pub struct History {
    samples: Mutex<Vec<Sample>>,
    /// The controller's times, for the page.
    pub(crate) pace: Pace,
}

impl History {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { samples: Mutex::default(), pace }
    }

    /// All of them, the oldest first.
    pub(crate) fn samples(&self) -> MutexGuard<'_, Vec<Sample>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those after a moment of the run, in seconds since its start.
    pub(crate) fn since(&self, t_s: f64) -> Vec<Sample> {
        let samples = self.samples();
        samples[samples.partition_point(|sample| sample.t_s <= t_s)..].to_vec()
    }
}

/// Takes a sample each second until told to stop.
pub(crate) async fn observe(
    cloud: &LocalCloud,
    history: &History,
    recorder: &Recorder,
    screen: &Screen,
    started_s: f64,
    stop: &CancellationToken,
) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut told_until_s = started_s;
    while stop.run_until_cancelled(seconds.tick()).await.is_some() {
        let live = recorder.live();
        // A controller that is just being restarted has nothing to say for a second.
        let state = cloud.controller_state().await.unwrap_or_default();
        let group = &state["groups"][&cloud.stack().group];
        let decisions = decisions(group, told_until_s, started_s);
        told_until_s = decisions.iter().map(|told| told.t_s + started_s).fold(told_until_s, f64::max);
        history.samples().push(Sample {
            t_s: unix_now_s() - started_s,
            requests_per_s: live.started_per_s,
            p95_s: live.p95_s,
            in_flight: live.in_flight,
            failed: live.failed,
            fleet: cloud.fleet(),
            says: text(&group["last"]["sentence"]),
            decisions,
        });
        screen.draw(history);
    }
}

/// Those that the controller remembers and that were not told before.
fn decisions(group: &serde_json::Value, after_s: f64, started_s: f64) -> Vec<Told> {
    let recent = group["recent"].as_array().into_iter().flatten();
    let mut told: Vec<Told> = recent
        .filter_map(|entry| {
            let at_s = entry["decision"]["at"].as_f64().filter(|at_s| *at_s > after_s)?;
            let age_s = entry["decision"]["inputs"]["requests_per_s"]["age_s"].as_f64();
            Some(Told {
                t_s: at_s - started_s,
                action: text(&entry["decision"]["action"]),
                reason: text(&entry["decision"]["reason"]),
                sentence: text(&entry["sentence"]),
                datapoint_end_s: age_s.map(|age_s| at_s - age_s),
                done_at_s: entry["outcome"]["at"].as_f64(),
            })
        })
        .collect();
    told.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    told
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_seen_a_moment_gets_what_came_after_it() {
        let history = History::new(Pace::QUICK);
        for t_s in [0.1, 1.1, 2.1] {
            history.samples().push(Sample { t_s, ..Sample::default() });
        }
        let since = |t_s| history.since(t_s).iter().map(|sample| sample.t_s).collect::<Vec<_>>();
        assert_eq!(since(f64::NEG_INFINITY), [0.1, 1.1, 2.1]);
        assert_eq!(since(1.1), [2.1]);
        assert_eq!(since(2.1), Vec::<f64>::new());
    }
}
