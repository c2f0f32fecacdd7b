//! Whether the controller did its job, judged from a run's figures. Pure, so that it can be shown to fail.

use serde::Serialize;
use traffic::Scenario;

/// The objective that the verdict is about, in seconds: ExStrat's.
pub(crate) const OBJECTIVE_S: f64 = 3.0;
/// CloudWatch and the users must agree on the p95 within this share.
const AGREEMENT: f64 = 0.10;
/// The group and the controller, which begin with nothing learned, get so long to fit a constant load, in seconds.
pub const SETTLING_S: f64 = 120.0;
/// The stage whose p95 must come back under the objective.
pub(crate) const PEAK: &str = "peak";

/// What a controller that does its job does about a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The load rises, stays at a peak, and falls: the group follows it, both ways.
    Follow,
    /// The load is constant but for noise: once the group fits it, nothing is done.
    Hold,
    /// Any other load: the users are served, and how is the controller's business.
    Serve,
}

impl Expectation {
    /// What is expected under a scenario's load.
    pub fn of(scenario: &Scenario) -> Self {
        if scenario.stages().iter().any(|stage| stage.name == PEAK) {
            Self::Follow
        } else if scenario.is_constant() {
            Self::Hold
        } else {
            Self::Serve
        }
    }

    fn checks(self) -> &'static [Check] {
        match self {
            Self::Follow => &[scaled_out, scaled_in, kept_objective_at_peak, agrees, served_all],
            Self::Hold => &[did_nothing, kept_objective, agrees, served_all],
            Self::Serve => &[kept_objective, agrees, served_all],
        }
    }
}

/// A sentence on what is wrong, if it is.
type Check = fn(&Outcome) -> Option<String>;

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// p95 of all loads.
    pub p95_s: Option<f64>,
    /// p95 of the loads that ended before the load rose.
    pub p95_before_s: Option<f64>,
    /// The worst p95 of five seconds while the load was high.
    pub p95_peak_worst_s: Option<f64>,
    /// p95 over the last third of the plateau.
    pub p95_peak_s: Option<f64>,
    /// p95 after the load had fallen.
    pub p95_after_s: Option<f64>,
    /// Instances in service at the start.
    pub instances_start: u32,
    /// Fewest instances in service.
    pub instances_min: u32,
    /// Most instances in service.
    pub instances_peak: u32,
    /// Instances in service at the end.
    pub instances_end: u32,
    /// How often the desired capacity was changed.
    pub actions: usize,
    /// How often of these after [`SETTLING_S`].
    pub actions_once_settled: usize,
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
    pub fn of(outcome: Outcome, expectation: Expectation) -> Self {
        let faults: Vec<String> = expectation.checks().iter().filter_map(|check| check(&outcome)).collect();
        Self { passed: faults.is_empty(), faults, outcome }
    }
}

fn scaled_out(outcome: &Outcome) -> Option<String> {
    let (start, peak) = (outcome.instances_start, outcome.instances_peak);
    (peak <= start).then(|| {
        format!(
            "the group did not scale out: it never had more than {peak} instances, and began with {start}"
        )
    })
}

fn scaled_in(outcome: &Outcome) -> Option<String> {
    (outcome.instances_end >= outcome.instances_peak).then(|| {
        format!("the group did not scale in: at the end it had {} instances, its most", outcome.instances_end)
    })
}

fn did_nothing(outcome: &Outcome) -> Option<String> {
    let actions = outcome.actions_once_settled;
    (actions > 0).then(|| format!("the load was constant, and yet the group was resized {actions} times"))
}

fn kept_objective(outcome: &Outcome) -> Option<String> {
    match outcome.p95_s {
        Some(p95_s) if p95_s < OBJECTIVE_S => None,
        Some(p95_s) => Some(format!("the p95 was {p95_s:.1} s, and not under {OBJECTIVE_S} s")),
        None => Some("no dashboard was answered".to_owned()),
    }
}

fn kept_objective_at_peak(outcome: &Outcome) -> Option<String> {
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
pub(crate) mod tests {
    use super::*;

    /// Of a controller that did its job.
    pub(crate) fn good() -> Outcome {
        Outcome {
            p95_s: Some(0.7),
            p95_before_s: Some(0.6),
            p95_peak_worst_s: Some(9.0),
            p95_peak_s: Some(0.7),
            p95_after_s: Some(0.6),
            instances_start: 2,
            instances_min: 2,
            instances_peak: 10,
            instances_end: 2,
            actions: 4,
            actions_once_settled: 2,
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
        assert_eq!(Verdict::of(good(), Expectation::Follow).faults, Vec::<String>::new());
        assert_eq!(Verdict::of(good(), Expectation::Serve).faults, Vec::<String>::new());
        let calm = Outcome { actions_once_settled: 0, instances_peak: 2, p95_peak_s: None, ..good() };
        assert_eq!(Verdict::of(calm, Expectation::Hold).faults, Vec::<String>::new());
    }

    fn is_found(outcome: Outcome, expectation: Expectation, fault: &str) {
        let verdict = Verdict::of(outcome, expectation);
        assert!(!verdict.passed);
        assert!(verdict.faults.iter().any(|found| found.contains(fault)), "{fault}: {:?}", verdict.faults);
    }

    #[test]
    fn each_fault_is_found_and_named() {
        for (outcome, fault) in [
            (Outcome { instances_peak: 2, instances_end: 1, ..good() }, "did not scale out"),
            // One was lost and replaced, which is no scale-out.
            (Outcome { instances_peak: 2, instances_min: 1, ..good() }, "did not scale out"),
            (Outcome { instances_end: 10, ..good() }, "did not scale in"),
            (Outcome { p95_peak_s: Some(3.2), ..good() }, "did not come back under 3 s"),
            (Outcome { p95_peak_s: None, ..good() }, "no dashboard was answered while"),
        ] {
            is_found(outcome, Expectation::Follow, fault);
        }
        is_found(good(), Expectation::Hold, "was resized 2 times");
        for expectation in [Expectation::Hold, Expectation::Serve] {
            is_found(Outcome { p95_s: Some(3.1), ..good() }, expectation, "the p95 was 3.1 s");
            is_found(Outcome { p95_s: None, ..good() }, expectation, "no dashboard was answered");
        }
    }

    #[test]
    fn disagreement_and_failures_are_faults_under_any_load() {
        for expectation in [Expectation::Follow, Expectation::Hold, Expectation::Serve] {
            let with = |cloudwatch_difference_percent| Outcome { cloudwatch_difference_percent, ..good() };
            is_found(with(Some(11.0)), expectation, "differs from the users' own by 11 %");
            is_found(with(None), expectation, "no minute to compare");
            is_found(Outcome { failures: 1, ..good() }, expectation, "1 of 9000 requests failed");
        }
    }

    #[test]
    fn the_load_says_what_is_expected() {
        let expected = |stages: &str| {
            let text = format!("name = \"a\"\nseed = 1\nload = \"dashboard\"\n{stages}");
            Expectation::of(&Scenario::parse(&text, std::path::Path::new("in the test")).unwrap())
        };
        let stage = |name: &str, rate: &str| {
            format!("[[stage]]\nname = \"{name}\"\nduration_s = 60\nusers_per_s = {rate}\n")
        };
        assert_eq!(expected(&stage("peak", "9")), Expectation::Follow);
        assert_eq!(expected(&(stage("one", "9") + &stage("two", "9"))), Expectation::Hold);
        assert_eq!(expected(&(stage("one", "9") + &stage("two", "8"))), Expectation::Serve);
        assert_eq!(expected(&stage("ramp", "{ from = 1, to = 9 }")), Expectation::Serve);
        assert_eq!(expected("[closed]\nusers = 1\nduration_s = 9\n"), Expectation::Serve);
    }
}
