//! Strategies held against each other by the medians of their runs. Pure.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::{Outcome, Verdict};

/// One strategy under one load.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The controller's strategy, by its name in the configuration.
    pub strategy: String,
    /// What the load was drawn from.
    pub seed: u64,
    /// How it went.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// All runs, in the order in which they were made.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comparison {
    /// Each strategy has as many.
    pub runs: Vec<Run>,
}

/// A strategy's figures, each the median of its runs.
#[derive(Clone, Debug, PartialEq)]
struct Medians<'a> {
    strategy: &'a str,
    slow_percent: f64,
    instance_seconds: f64,
    actions: f64,
    passed: usize,
    runs: usize,
}

impl Comparison {
    /// In the order in which the strategies first ran.
    fn medians(&self) -> Vec<Medians<'_>> {
        let mut strategies: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !strategies.contains(&run.strategy.as_str()) {
                strategies.push(&run.strategy);
            }
        }
        strategies.into_iter().map(|strategy| self.medians_of(strategy)).collect()
    }

    fn medians_of<'a>(&'a self, strategy: &'a str) -> Medians<'a> {
        let runs: Vec<&Run> = self.runs.iter().filter(|run| run.strategy == strategy).collect();
        let of = |figure: fn(&Outcome) -> f64| median(runs.iter().map(|run| figure(&run.verdict.outcome)));
        Medians {
            strategy,
            slow_percent: of(|outcome| outcome.slow_percent),
            instance_seconds: of(|outcome| outcome.instance_seconds),
            actions: of(|outcome| outcome.actions as f64),
            passed: runs.iter().filter(|run| run.verdict.passed).count(),
            runs: runs.len(),
        }
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    sorted.get(low).zip(sorted.get(high)).map_or(0.0, |(low, high)| f64::midpoint(*low, *high))
}

impl Display for Run {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Outcome { slow_percent, failures, instance_seconds, actions, .. } = self.verdict.outcome;
        let passed = if self.verdict.passed { "passed" } else { "failed" };
        write!(
            f,
            "{}, seed {}: {passed}; {slow_percent:.2} % slow, {failures} failed, {instance_seconds:.0} instance-seconds, {actions} actions",
            self.strategy, self.seed
        )?;
        self.verdict.faults.iter().try_for_each(|fault| write!(f, "\n  FAULT: {fault}"))
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let medians = self.medians();
        writeln!(
            f,
            "{:<18} {:>7} {:>17} {:>8} {:>7}",
            "medians", "slow", "instance-seconds", "actions", "passed"
        )?;
        for Medians { strategy, slow_percent, instance_seconds, actions, passed, runs } in &medians {
            let passed = format!("{passed}/{runs}");
            writeln!(
                f,
                "{strategy:<18} {slow_percent:>5.2} % {instance_seconds:>17.0} {actions:>8.1} {passed:>7}"
            )?;
        }
        let Some((first, others)) = medians.split_first() else { return Ok(()) };
        others.iter().try_for_each(|other| writeln!(f, "{}", against(first, other)))
    }
}

fn against(first: &Medians<'_>, other: &Medians<'_>) -> String {
    let more = 100.0 * (first.instance_seconds / other.instance_seconds - 1.0);
    let slow = first.slow_percent - other.slow_percent;
    format!(
        "{} against {}: {slow:+.2} points of slow requests, {more:+.1} % instance-seconds",
        first.strategy, other.strategy
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Expectation;
    use crate::demo::verdict::tests::good;

    fn run(strategy: &str, slow_percent: f64, instance_seconds: f64) -> Run {
        let outcome = Outcome { slow_percent, instance_seconds, ..good() };
        Run { strategy: strategy.to_owned(), seed: 1, verdict: Verdict::of(outcome, Expectation::Follow) }
    }

    #[test]
    fn the_first_strategy_is_held_against_the_others_by_medians() {
        let of = |runs: &[(&str, f64, f64)]| Comparison {
            runs: runs.iter().map(|(name, slow, seconds)| run(name, *slow, *seconds)).collect(),
        };
        let three = of(&[
            ("ours", 9.0, 900.0),
            ("rules", 3.0, 1000.0),
            ("ours", 1.0, 1100.0),
            ("rules", 4.0, 2000.0),
            ("ours", 2.0, 1200.0),
            ("rules", 5.0, 500.0),
        ]);
        let told = three.to_string();
        assert!(
            told.ends_with("ours against rules: -2.00 points of slow requests, +10.0 % instance-seconds\n"),
            "{told}"
        );
        let two = of(&[("ours", 1.0, 100.0), ("ours", 2.0, 300.0)]);
        assert_eq!((two.medians()[0].slow_percent, two.medians()[0].instance_seconds), (1.5, 200.0));
        assert_eq!(two.medians().len(), 1);
    }

    #[test]
    fn a_run_that_failed_says_why() {
        let outcome = Outcome { failures: 7, ..good() };
        let verdict = Verdict::of(outcome, Expectation::Serve);
        let told = Run { strategy: "rules".to_owned(), seed: 5, verdict }.to_string();
        assert!(told.starts_with("rules, seed 5: failed; "), "{told}");
        assert!(told.contains("FAULT: 7 of 9000 requests failed"), "{told}");
    }
}
