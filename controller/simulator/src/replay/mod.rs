//! A group's history, and what each policy would have made of it.

mod bill;
mod price;
mod record;
#[cfg(test)]
mod tests;

use crate::compare::{Outcome, Plan, Scale};
use crate::engine::Kind;
use crate::family::{self, Contender};
use crate::history::History;
use crate::learn::Learned;
use crate::measures::Measures;
use crate::oracle::Oracle;
use crate::plant::Plant;
use crate::simulation::Run;
use crate::workload::Workload;

pub use bill::Row;
pub use price::{Price, PriceError, Usd};

/// What really happened, judged as the policies are.
pub struct Replay {
    /// What was learned from it.
    pub learned: Learned,
    /// What it cost and violated.
    pub happened: Outcome,
    /// Minute by minute.
    pub run: Run,
    /// Violating minutes, in %, that the learned plant would have had with the fleet that there was: how far its
    /// other figures can be believed.
    pub believed_violations_percent: f64,
    /// Minutes that CloudWatch had nothing of.
    pub imputed: usize,
    /// The length in days.
    pub days: f64,
    /// What an instance costs.
    pub price: Price,
}

impl Replay {
    /// Judges the history.
    pub fn of(history: &History, learned: Learned, price: Price) -> Self {
        let run = record::run(history, &learned.plant);
        let oracle = Oracle::of(&learned.plant, &Workload::recorded(&history.trace(), 1));
        let measures = Measures::of(&oracle, &run);
        let contender = Contender { family: &family::RECORD, values: Vec::new() };
        Self {
            happened: Outcome { contender, traces: vec![measures], mean: measures },
            believed_violations_percent: record::believed_violations_percent(history, &learned.plant),
            run,
            learned,
            imputed: history.imputed,
            days: history.days(),
            price,
        }
    }

    /// How well the learned plant tells what was measured, in a sentence.
    pub fn belief(&self) -> String {
        format!(
            "With the fleet that there was, the learned plant would have had {:.2} % of minutes slow; CloudWatch measured \
             {:.2} %.",
            self.believed_violations_percent, self.happened.mean.violating_minutes_percent
        )
    }

    /// How the policies are to be run on it, in a `plant` that may differ from the learned one by a variant.
    pub fn plan(
        history: &History,
        plant: Plant,
        engine: Kind,
        seeds: u64,
        contenders: Vec<Contender>,
    ) -> Plan {
        Plan {
            plant,
            engine,
            curve_given: false,
            traces: vec![history.trace()],
            scale: Scale::Requests,
            seeds,
            contenders,
        }
    }
}
