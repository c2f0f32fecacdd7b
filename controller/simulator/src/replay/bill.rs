//! Each policy beside what really happened: in minutes and in dollars.

use super::{Replay, Usd};
use crate::compare::Outcome;
use crate::family::Role;
use crate::measures::Measures;

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the policy is.
    pub title: &'static str,
    /// How it is set.
    pub label: String,
    /// Whose it is.
    pub role: Role,
    /// Minutes whose p95 was over the objective.
    pub slow_minutes: f64,
    /// Requests over the objective, in %.
    pub slow_requests_percent: f64,
    /// Instance-hours.
    pub instance_hours: f64,
    /// What they cost.
    pub cost: Usd,
    /// What a month of 30 days would cost.
    pub cost_a_month: Usd,
    /// How much less than what really happened that is.
    pub saved_a_month: Usd,
}

impl Replay {
    /// What really happened, and each policy as it is usually set; those set otherwise where the usual was not run.
    pub fn rows(&self, outcomes: &[Outcome]) -> Vec<Row> {
        let families = outcomes.chunk_by(|a, b| a.contender.family.name == b.contender.family.name);
        let usual = families.filter_map(|outcomes| {
            let is_usual = |o: &&Outcome| o.contender.values == o.contender.family.usual().values;
            outcomes.iter().find(is_usual).or(outcomes.first())
        });
        [&self.happened].into_iter().chain(usual).map(|outcome| self.row(outcome)).collect()
    }

    /// The line of one policy.
    pub fn row(&self, outcome: &Outcome) -> Row {
        let measures = &outcome.mean;
        let cost_a_month = self.cost(measures).a_month(self.run.minutes.len());
        Row {
            title: outcome.contender.family.title,
            label: outcome.contender.label(),
            role: outcome.contender.family.role,
            slow_minutes: self.slow_minutes(measures),
            slow_requests_percent: measures.slow_requests_percent,
            instance_hours: measures.instance_hours,
            cost: self.cost(measures),
            cost_a_month,
            saved_a_month: cost_a_month
                .less_than(self.cost(&self.happened.mean).a_month(self.run.minutes.len())),
        }
    }

    fn cost(&self, measures: &Measures) -> Usd {
        self.price.of(3600.0 * measures.instance_hours)
    }

    fn slow_minutes(&self, measures: &Measures) -> f64 {
        measures.violating_minutes_percent / 100.0 * self.run.minutes.len() as f64
    }
}
