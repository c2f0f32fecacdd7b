//! What happens in a run, for those who look on and for the report afterwards.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::time::Instant;

use crate::{
    load::Call,
    log::{FiledBy, Log, RECENT_S, Sample, count_causes},
    report::{Gatherer, Report, Summary},
};

/// Records one run, while others look on.
#[derive(Debug)]
pub struct Recorder {
    objective_s: f64,
    timeout_s: f64,
    started: OnceLock<Instant>,
    log: Mutex<Log>,
}

/// The run at this moment, for a screen. "Recent" is the last five seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Live {
    /// Seconds since the run's start; 0 before it.
    pub t_s: f64,
    /// Recent loads started, per second.
    pub started_per_s: f64,
    /// Recent loads ended, per second.
    pub ended_per_s: f64,
    /// Of recent loads by their end; failures as in [`Summary`]. `None` when none ended.
    pub p95_s: Option<f64>,
    /// Of recent loads by their end, slow or failed, 0 to 1. `None` when none ended.
    pub slow_share: Option<f64>,
    /// Loads that wait for their answer now.
    pub in_flight: u64,
    /// Loads since the start of the run.
    pub started: u64,
    /// Of them, ended.
    pub ended: u64,
    /// Of those, failed.
    pub failed: u64,
}

/// A load under way; dropped before its end it was abandoned, and counts neither as a success nor as a failure.
#[derive(Debug)]
pub(crate) struct Underway<'a> {
    recorder: &'a Recorder,
    intended: Instant,
}

impl Recorder {
    /// A load over the objective is slow; a failed one counts as the timeout in percentiles. Both in seconds.
    pub fn new(objective_s: f64, timeout_s: f64) -> Self {
        Self { objective_s, timeout_s, started: OnceLock::new(), log: Mutex::default() }
    }

    /// Loads that were meant to start, or that ended, from `from_s` up to before `to_s`, in seconds since the run's
    /// start. Only what has ended by now is in it.
    pub fn report_between(&self, from_s: f64, to_s: f64, filed: FiledBy) -> Report {
        let log = self.log();
        let within = |sample: &&Sample| (from_s..to_s).contains(&sample.filed_s(filed));
        let samples: Vec<Sample> = log.samples.iter().filter(within).copied().collect();
        let causes = log.causes.clone();
        drop(log);
        self.report_of(&samples, &causes)
    }

    /// The whole run so far.
    pub fn report(&self) -> Report {
        self.report_between(0.0, f64::INFINITY, FiledBy::Start)
    }

    /// The run at this moment.
    pub fn live(&self) -> Live {
        let t_s = self.started.get().map_or(0.0, |start| start.elapsed().as_secs_f64());
        let log = self.log();
        let recent = self.recent_ended(&log, t_s);
        let recent_s = t_s.clamp(1.0, RECENT_S);
        Live {
            t_s,
            started_per_s: log.started_per_s(t_s),
            ended_per_s: recent.count as f64 / recent_s,
            p95_s: recent.p95_s,
            slow_share: (recent.count > 0).then(|| recent.slow as f64 / recent.count as f64),
            in_flight: log.in_flight,
            started: log.started,
            ended: log.ended,
            failed: log.failed,
        }
    }

    /// Starts the clock; `None` if it was started before.
    pub(crate) fn begin(&self) -> Option<Instant> {
        let now = Instant::now();
        self.started.set(now).ok().map(|()| now)
    }

    pub(crate) fn load_started(&self, intended: Instant) -> Underway<'_> {
        self.log().count_start(self.since_start_s(intended));
        Underway { recorder: self, intended }
    }

    pub(crate) fn call_ended(&self, call: Call, sent: Instant, failure: Option<&str>) {
        self.keep(Some(call), sent, failure);
    }

    fn keep(&self, call: Option<Call>, start: Instant, failure: Option<&str>) {
        let start_ms = (self.since_start_s(start) * 1e3) as u32;
        let latency_us = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
        let mut log = self.log();
        let cause = failure.map(|failure| log.cause(failure));
        log.samples.push(Sample { start_ms, latency_us, call, cause });
    }

    fn recent_ended(&self, log: &Log, t_s: f64) -> Summary {
        let mut recent = Gatherer::default();
        // Samples are kept in the order of their ends.
        let from_s = t_s - RECENT_S;
        for sample in log.samples.iter().rev().take_while(|sample| sample.filed_s(FiledBy::End) >= from_s) {
            if sample.call.is_none() {
                self.gather(&mut recent, *sample);
            }
        }
        recent.summary()
    }

    fn report_of(&self, samples: &[Sample], causes: &[String]) -> Report {
        let summary = |call: Option<Call>| {
            let mut gatherer = Gatherer::default();
            samples
                .iter()
                .filter(|sample| sample.call == call)
                .for_each(|&sample| self.gather(&mut gatherer, sample));
            gatherer.summary()
        };
        let mut calls: Vec<_> = samples.iter().filter_map(|sample| sample.call).collect();
        calls.sort_unstable();
        calls.dedup();
        Report {
            loads: summary(None),
            calls: calls.into_iter().map(|call| (call, summary(Some(call)))).collect(),
            causes: count_causes(samples, causes),
        }
    }

    fn gather(&self, gatherer: &mut Gatherer, sample: Sample) {
        match sample.cause {
            None => gatherer.add_success(sample.latency_s(), self.objective_s),
            Some(_) => gatherer.add_failure(sample.latency_s(), self.timeout_s),
        }
    }

    fn since_start_s(&self, moment: Instant) -> f64 {
        self.started.get().map_or(0.0, |&start| moment.saturating_duration_since(start).as_secs_f64())
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Underway<'_> {
    pub(crate) fn end(self, failure: Option<&str>) {
        self.recorder.keep(None, self.intended, failure);
        let mut log = self.recorder.log();
        log.ended += 1;
        log.failed += u64::from(failure.is_some());
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.recorder.log().in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_load_is_filed_by_its_start_or_by_its_end() {
        let recorder = Recorder::new(3.0, 60.0);
        let start = recorder.begin().unwrap();
        let underway = recorder.load_started(start);
        advance(Duration::from_secs(4)).await;
        underway.end(None);
        let counted = |from_s, to_s, filed| recorder.report_between(from_s, to_s, filed).loads.count;
        assert_eq!((counted(0.0, 1.0, FiledBy::Start), counted(4.0, 5.0, FiledBy::Start)), (1, 0));
        assert_eq!((counted(0.0, 1.0, FiledBy::End), counted(4.0, 5.0, FiledBy::End)), (0, 1));
        assert_eq!(recorder.report().loads.slow, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn live_speaks_of_the_last_five_seconds() {
        let recorder = Recorder::new(3.0, 60.0);
        let start = recorder.begin().unwrap();
        for second in 0..20_u64 {
            advance(Duration::from_millis(1)).await;
            let latency = if second < 14 { 900 } else { 100 };
            let underway = recorder.load_started(start + Duration::from_secs(second));
            advance(Duration::from_millis(latency)).await;
            underway.end((second == 2).then_some("status 503"));
            advance(Duration::from_millis(999 - latency)).await;
        }
        let abandoned = recorder.load_started(Instant::now());
        let live = recorder.live();
        assert!((live.t_s - 20.0).abs() < 1e-9 && (live.started_per_s - 1.0).abs() < 1e-9, "{live:?}");
        assert!(
            (live.ended_per_s - 1.0).abs() < 1e-9 && (live.p95_s.unwrap() - 0.101).abs() < 1e-3,
            "{live:?}"
        );
        assert_eq!((live.in_flight, live.started, live.ended, live.failed), (1, 21, 20, 1));
        drop(abandoned);
        assert_eq!((recorder.live().in_flight, recorder.live().ended), (0, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn distinct_causes_are_bounded_and_no_failure_is_lost() {
        let recorder = Recorder::new(3.0, 60.0);
        let start = recorder.begin().unwrap();
        for i in 0..100 {
            recorder.load_started(start).end(Some(&format!("cause {i}")));
        }
        let causes = recorder.report().causes;
        assert_eq!((causes.len(), causes[0].clone()), (33, ("other causes".to_owned(), 68)));
        assert_eq!(causes.iter().map(|(_, count)| count).sum::<u64>(), 100);
    }
}
