//! Whether the controller did its job, judged from a run's figures. Pure, so that it can be shown to fail.

use serde::Serialize;

/// The objective that the verdict is about, in seconds: ExStrat's.
pub(crate) const OBJECTIVE_S: f64 = 3.0;
/// CloudWatch and the users must agree on the p95 within this share.
const AGREEMENT: f64 = 0.10;

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// p95 of the loads that ended before the load rose.
    pub p95_before_s: Option<f64>,
    /// The worst p95 of five seconds while the load was high.
    pub p95_peak_worst_s: Option<f64>,
    /// p95 over the last third of the plateau.
    pub p95_peak_s: Option<f64>,
    /// p95 after the load had fallen.
    pub p95_after_s: Option<f64>,
    /// Fewest instances in service.
    pub instances_min: u32,
    /// Most instances in service.
    pub instances_peak: u32,
    /// Instances in service at the end.
    pub instances_end: u32,
    /// From the moment at which CloudWatch had the datapoint that decided the first scale-out, to the new desired
    /// capacity.
    pub reaction_s: Option<f64>,
    /// From the first slow five seconds to the end of the last.
    pub recovery_s: f64,
    /// Dashboards asked for.
    pub requests: u64,
    /// Of them, failed.
    pub failures: u64,
    /// Of them, slower than the objective or failed.
    pub slow_percent: f64,
    /// Instances, pending ones and draining ones included, times seconds.
    pub instance_seconds: f64,
    /// The largest difference between CloudWatch's p95 of a minute and the users' own.
    pub cloudwatch_difference_percent: Option<f64>,
}

/// The figures and what is wrong with them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether the controller did its job.
    pub passed: bool,
    /// One sentence for each thing that is wrong.
    pub faults: Vec<String>,
    /// The figures.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Verdict {
    /// Judges a run.
    pub fn of(outcome: Outcome) -> Self {
        let faults: Vec<String> = [scaled_out, scaled_in, kept_objective, agrees, served_all]
            .iter()
            .filter_map(|check| check(&outcome))
            .collect();
        Self { passed: faults.is_empty(), faults, outcome }
    }
}

fn scaled_out(outcome: &Outcome) -> Option<String> {
    (outcome.instances_peak <= outcome.instances_min).then(|| {
        format!("the group did not scale out: it never had more than {} instances", outcome.instances_peak)
    })
}

fn scaled_in(outcome: &Outcome) -> Option<String> {
    (outcome.instances_end >= outcome.instances_peak).then(|| {
        format!("the group did not scale in: at the end it had {} instances, its most", outcome.instances_end)
    })
}

fn kept_objective(outcome: &Outcome) -> Option<String> {
    match outcome.p95_peak_s {
        Some(p95_s) if p95_s < OBJECTIVE_S => None,
        Some(p95_s) => Some(format!(
            "the p95 did not come back under {OBJECTIVE_S} s while the load was high: it was {p95_s:.1} s at the end of the plateau"
        )),
        None => Some("no dashboard was answered while the load was high".to_owned()),
    }
}

fn agrees(outcome: &Outcome) -> Option<String> {
    match outcome.cloudwatch_difference_percent {
        Some(percent) if percent <= 100.0 * AGREEMENT => None,
        Some(percent) => Some(format!("CloudWatch's p95 differs from the users' own by {percent:.0} %")),
        None => Some("CloudWatch had no minute to compare the users' p95 with".to_owned()),
    }
}

fn served_all(outcome: &Outcome) -> Option<String> {
    (outcome.failures > 0).then(|| format!("{} of {} requests failed", outcome.failures, outcome.requests))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Outcome {
        Outcome {
            p95_before_s: Some(0.6),
            p95_peak_worst_s: Some(9.0),
            p95_peak_s: Some(0.7),
            p95_after_s: Some(0.6),
            instances_min: 2,
            instances_peak: 10,
            instances_end: 2,
            reaction_s: Some(1.0),
            recovery_s: 20.0,
            requests: 9000,
            failures: 0,
            slow_percent: 4.0,
            instance_seconds: 1000.0,
            cloudwatch_difference_percent: Some(1.0),
        }
    }

    #[test]
    fn a_good_run_passes() {
        assert_eq!(Verdict::of(good()).faults, Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found_and_named() {
        let cases = [
            (Outcome { instances_peak: 2, instances_end: 1, ..good() }, "did not scale out"),
            (Outcome { instances_end: 10, ..good() }, "did not scale in"),
            (Outcome { p95_peak_s: Some(3.2), ..good() }, "did not come back under 3 s"),
            (Outcome { p95_peak_s: None, ..good() }, "no dashboard was answered"),
            (
                Outcome { cloudwatch_difference_percent: Some(11.0), ..good() },
                "differs from the users' own by 11 %",
            ),
            (Outcome { cloudwatch_difference_percent: None, ..good() }, "no minute to compare"),
            (Outcome { failures: 1, ..good() }, "1 of 9000 requests failed"),
        ];
        for (outcome, fault) in cases {
            let verdict = Verdict::of(outcome);
            assert!(!verdict.passed);
            assert!(
                verdict.faults.iter().any(|found| found.contains(fault)),
                "{fault}: {:?}",
                verdict.faults
            );
        }
    }
}
