//! What the demand may be when an instance that is launched now can help: not a number, but the probability that
//! each fleet size is too small.
//!
//! ```text
//! rate ─▶ levels ─▶ features ─▶ trend ──▶ expected ─┐
//!           │                                       ├─▶ Outlook: P(need > n)
//!           ├─▶ open forecasts ─▶ surprises ─▶ pools ─▶ mixture
//!           └──────────────────────────────────▲
//! ```

pub(crate) mod cells;
mod features;
pub(crate) mod ladder;
mod mixture;
pub(crate) mod open;
mod outlook;
mod pools;
mod question;
mod situation;
mod trend;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use cells::{Cells, Rhythm};
use features::Averages;
use ladder::{Needed, thousandths};
use mixture::Mixture;
use open::{Open, Resolved};
pub(crate) use outlook::Outlook;
use question::{Question, Surprise};
use situation::Situation;
use trend::Trend;

use crate::observation::Datapoint;
use crate::policy::{Part, Parts};

/// Levels and surprises are kept by the minute, or by the metrics' period where that is longer.
const CELL_S: f64 = 60.0;
/// So many surprises make the forecaster worth listening to; until then the fleet is sized with a fixed margin.
const APPRENTICESHIP: u32 = 120;
/// Below this share of what an instance serves, demand is as good as none: its logarithm would be all noise.
const LEAST_LOAD: f64 = 0.02;
/// No load balancer has more; a bound for whatever is fed in.
const MOST_PER_S: f64 = 1e9;
/// A datapoint may lie ahead by its period and by clocks that differ.
const MOST_AHEAD_S: f64 = 1_200.0;
/// Forecasts that may be open at once: a boot of ten minutes and more. A bound on memory.
const MOST_OPEN: usize = 32;

/// What a forecast is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aim {
    /// Seconds from a datapoint's end until an instance that is launched on it serves.
    pub(crate) lead_s: f64,
    /// The most requests per second with which an instance keeps the objective.
    pub(crate) critical_per_s: f64,
    /// Parts of the forecast that an experiment leaves out.
    pub(crate) without: Parts,
}

impl Aim {
    /// A rhythm to look for; none if its part is left out.
    fn rhythm(self, part: Part, period_s: f64, cell_s: f64) -> Rhythm {
        if self.without.include(part) { Rhythm::NONE } else { Rhythm::new(period_s, cell_s) }
    }
}

/// The memory of the demand, and what was learned about forecasting it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Forecaster {
    cell_s: f64,
    /// The end of the newest datapoint that was taken in.
    through: f64,
    /// Requests and seconds of the cell that is being filled.
    filling: (i64, f64, f64),
    /// Mean rates, as logarithms in thousandths.
    levels: Cells<i16>,
    averages: Averages,
    trend: Trend,
    surprises: Cells<Surprise>,
    resolved: u32,
    // Under another name than an older program's, which had other pools.
    #[serde(rename = "awaited")]
    open: VecDeque<Open>,
    belief: Mixture,
    outlook: Option<Outlook>,
}

impl Forecaster {
    /// Takes in a rate, and hands back the forecasts whose outcome is known now.
    pub(crate) fn learn(&mut self, datapoint: &Datapoint, requests_per_s: f64, aim: Aim) -> Vec<Resolved> {
        if datapoint.at < self.through || datapoint.period_s > 86_400.0 {
            return Vec::new();
        }
        self.lay_out(datapoint.period_s);
        let rate = requests_per_s.clamp(LEAST_LOAD * aim.critical_per_s, MOST_PER_S.max(aim.critical_per_s));
        let is_new_cell = self.fill(datapoint, rate);
        self.through = datapoint.ended_at();
        self.averages.learn(rate.ln(), datapoint.period_s);
        let resolved = self.resolve(aim);
        self.look_out(datapoint, rate.ln(), aim, is_new_cell);
        resolved
    }

    /// The newest outlook, if the forecaster has earned to be listened to.
    pub(crate) fn outlook(&self) -> Option<&Outlook> {
        self.outlook.as_ref().filter(|_| self.resolved >= APPRENTICESHIP)
    }

    /// Notes what was chosen on the newest outlook, for [`Resolved`] to tell later.
    pub(crate) fn chose(&mut self, rungs: &[u8]) {
        if let Some(open) = self.open.back_mut() {
            open.note(rungs);
        }
    }

    /// Cells as long as the metrics' period; another period makes another memory.
    fn lay_out(&mut self, period_s: f64) {
        let cell_s = CELL_S.max(period_s);
        if cell_s > self.cell_s {
            *self = Self { cell_s, ..Self::default() };
        }
    }

    fn cell(&self, at: f64) -> i64 {
        (at / self.cell_s).floor() as i64
    }

    /// Adds to the cell's mean; says whether the datapoint is its first.
    fn fill(&mut self, datapoint: &Datapoint, rate: f64) -> bool {
        let index = self.cell(datapoint.at);
        let is_new = self.filling.0 != index || self.filling.2 == 0.0;
        if is_new {
            self.filling = (index, 0.0, 0.0);
        }
        self.filling.1 += rate * datapoint.period_s;
        self.filling.2 += datapoint.period_s;
        self.levels.put(index, thousandths((self.filling.1 / self.filling.2).ln()));
        is_new
    }

    /// Learns from the forecasts whose cell is over.
    fn resolve(&mut self, aim: Aim) -> Vec<Resolved> {
        let over = self.cell(self.through);
        let mut resolved = Vec::new();
        while self.open.front().is_some_and(|open| open.target < over) {
            let Some(open) = self.open.pop_front() else { break };
            let Some(level) = self.levels.get(open.target) else { continue };
            let level = f64::from(*level) / 1_000.0;
            self.trend.learn(&open.features, level - open.level);
            let surprise = thousandths(level - open.expected);
            self.surprises.put(open.origin, Surprise(surprise, open.situation));
            self.resolved = self.resolved.saturating_add(1);
            let rung = Needed::rung_of(level, open.critical_per_s);
            self.belief.learn(open.credits(rung), open.situation);
            resolved.push(Resolved { instances: level.exp() / aim.critical_per_s, chosen: open.chosen });
        }
        resolved
    }

    fn look_out(&mut self, datapoint: &Datapoint, level: f64, aim: Aim, is_new_cell: bool) {
        let origin = self.cell(datapoint.at);
        // A launch that helps within this very minute is weighed by the next, the first that it can serve whole.
        let target = self.cell(self.through + aim.lead_s).max(origin + 1);
        let [hourly, daily] = [(Part::MinuteOfHour, 3_600.0), (Part::TimeOfDay, 86_400.0)]
            .map(|(part, period_s)| aim.rhythm(part, period_s, self.cell_s));
        let (features, situation) =
            features::read(&self.levels, &self.averages, level, [origin, target], daily.stride);
        let is_known = !aim.without.include(Part::Situations);
        let situation = if is_known { situation } else { Situation::default() };
        let expected = level + self.trend.growth(&features).clamp(-1.5, 1.5);
        let question = Question {
            levels: &self.levels,
            surprises: &self.surprises,
            origin,
            ahead: target - origin,
            expected: thousandths(expected),
            situation,
            hourly,
            daily,
            without: aim.without,
        };
        let tails = pools::tails(&Needed::new(expected, aim.critical_per_s), question);
        let tail = self.belief.mix(&tails, situation);
        self.outlook = Some(Outlook::new(&tail, level.exp(), expected.exp(), aim, self.through));
        if is_new_cell {
            let critical_per_s = aim.critical_per_s;
            self.open.push_back(Open::new(
                origin,
                target,
                features,
                situation,
                [level, expected],
                critical_per_s,
                &tails,
            ));
            while self.open.len() > MOST_OPEN {
                self.open.pop_front();
            }
        }
    }

    /// The newest outlook, whether it is to be listened to or not.
    pub(crate) fn newest(&self) -> Option<&Outlook> {
        self.outlook.as_ref()
    }

    /// Forgets everything if the clock was set back: cells are counted by it.
    pub(crate) fn prune(&mut self, now: f64) {
        if self.through > now + MOST_AHEAD_S {
            *self = Self::default();
        }
    }

    /// Forgets everything if a damaged state makes it unusable. Open forecasts alone that are damaged only teach nothing.
    pub(crate) fn heal(&mut self) {
        self.open.retain(Open::is_sound);
        let sound = self.through.abs() < 1e12
            && (self.cell_s == 0.0 || (CELL_S..=86_400.0).contains(&self.cell_s))
            && self.levels.is_sound()
            && self.surprises.is_sound()
            && self.trend.is_sound()
            && self.belief.is_sound()
            && self.averages.is_sound()
            && self.outlook.as_ref().is_none_or(Outlook::is_sound);
        if !sound {
            *self = Self::default();
        }
    }
}
