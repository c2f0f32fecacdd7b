//! Where the demand may end up besides where it is expected: how far off earlier forecasts were, seen in seven
//! ways.
//!
//! Each pool is a view of the same memory of surprises. A pool with few surprises leans on a wider one:
//!
//! ```text
//! prior <- last day <- last hour
//!                   <- same situation
//!                   <- like expectations
//!                   <- same minute of the hour <- same minute, last day
//!                                              <- same time of day
//! ```

use serde::{Deserialize, Serialize};

use super::cells::{Cells, Rhythm};
use super::ladder::{Needed, RUNGS};
use super::situation::Situation;

/// How many pools there are.
pub(crate) const POOLS: usize = 7;
/// The probability that each rung is too low.
pub(crate) type Tail = [f64; RUNGS];

/// Minutes that the pool of the last day looks at.
const DAY: usize = 1_440;
const HOUR: usize = 60;
/// What is common is not searched further back: the newest tell what it is like now.
const ALIKE: usize = 1_500;
/// Expectations that differ by no more than a tenth, in thousandths of a logarithm, are alike.
const LIKE: i32 = 100;
/// Surprises that a wider pool is worth beside a narrower one's own.
const OF_DAY: f64 = 30.0;
const OF_MINUTE: f64 = 8.0;
const OF_TIME: f64 = 2.0;
/// A neighbouring minute tells half as much as the minute itself.
const ASIDE: f64 = 0.5;

/// How far a demand was from its forecast, as a logarithm in thousandths, and in which situation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Surprise(pub(crate) i16, pub(crate) Situation);

/// What is expected of a cell of the future: its level, and how many cells ahead it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expectation<'a> {
    /// The levels that came.
    pub(crate) levels: &'a Cells<i16>,
    pub(crate) level: i16,
    pub(crate) ahead: i64,
}

impl Expectation<'_> {
    /// Whether the forecast that was made in the cell `origin` had expected about as much: what came, less the
    /// surprise. Where the lead has changed since then, what came a little earlier or later stands for it.
    fn is_like(&self, origin: i64, surprise: Surprise) -> bool {
        let came = self.levels.get(origin + self.ahead);
        came.is_some_and(|came| {
            (i32::from(*came) - i32::from(surprise.0) - i32::from(self.level)).abs() <= LIKE
        })
    }
}

/// Each pool's opinion on a forecast that was made in the cell `origin`.
pub(crate) fn tails(
    surprises: &Cells<Surprise>,
    needed: &Needed,
    origin: i64,
    [hourly, daily]: [Rhythm; 2],
    situation: Situation,
    expectation: Option<Expectation>,
) -> [Tail; POOLS] {
    let pool = || Pool::new(needed);
    let recent = |count: usize| pool().all(surprises.newest_first().take(count), 1.0);
    let around = |rhythm: Rhythm, reach| {
        let exactly = pool().all(surprises.every(rhythm, origin, 0), 1.0 - ASIDE);
        exactly.all(surprises.every(rhythm, origin, reach), ASIDE)
    };
    let day = recent(DAY).leaning_on(&prior(needed), OF_DAY);
    let hour = recent(HOUR).leaning_on(&day, HOUR as f64 / 2.0);
    let alike = surprises.newest_first().filter(|surprise| surprise.1 == situation).take(ALIKE);
    let situation = pool().all(alike, 1.0).leaning_on(&day, OF_DAY);
    let minute = pool().all(surprises.every(hourly, origin, 0), 1.0).leaning_on(&day, OF_MINUTE);
    let today = around(hourly.at_most(24), 1).leaning_on(&minute, OF_MINUTE);
    let time = around(daily, 2).leaning_on(&minute, OF_TIME);
    let like = expectation.map_or(day, |expectation| {
        let like =
            surprises.newest_first_by_index().filter(|(at, surprise)| expectation.is_like(*at, **surprise));
        pool().all(like.map(|(_, surprise)| surprise).take(ALIKE), 1.0).leaning_on(&day, OF_DAY)
    });
    [day, hour, situation, minute, today, time, like]
}

/// Surprises counted by the rung that they would have needed.
struct Pool<'a> {
    needed: &'a Needed,
    counts: [f64; RUNGS + 1],
    weight: f64,
}

impl<'a> Pool<'a> {
    fn new(needed: &'a Needed) -> Self {
        Self { needed, counts: [0.0; RUNGS + 1], weight: 0.0 }
    }

    fn all<'s>(mut self, surprises: impl Iterator<Item = &'s Surprise>, weight: f64) -> Self {
        for surprise in surprises {
            self.counts[self.needed.rung(surprise.0)] += weight;
            self.weight += weight;
        }
        self
    }

    fn leaning_on(self, wider: &Tail, worth: f64) -> Tail {
        let mut above = 0.0;
        let mut tail = *wider;
        for (rung, chance) in tail.iter_mut().enumerate().rev() {
            above += self.counts[rung + 1];
            *chance = (above + worth * *chance) / (self.weight + worth);
        }
        tail
    }
}

/// Before anything was seen: mostly within 6 %, sometimes within 20 % (two Laplace distributions).
fn prior(needed: &Needed) -> Tail {
    let laplace = |x: f64, scale: f64| {
        let half = 0.5 * (-x.abs() / scale).exp();
        if x > 0.0 { half } else { 1.0 - half }
    };
    let exceeds = |x: f64| 0.7 * laplace(x, 0.06) + 0.3 * laplace(x, 0.2);
    let mut tail = [0.0; RUNGS];
    // The surprise that a rung just covers is where the lookup steps to the next.
    let mut milli: i16 = -4_000;
    for (rung, chance) in tail.iter_mut().enumerate() {
        while milli < 4_000 && needed.rung(milli) <= rung {
            milli += 1;
        }
        *chance = exceeds(f64::from(milli) / 1_000.0);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::ladder::{rung_for, thousandths};

    /// Nights and days, an hour each: half of the forecasts at night are half too low, those by day are right.
    #[test]
    fn what_is_expected_by_day_is_not_judged_by_the_surprises_of_the_night() {
        let (mut levels, mut surprises) = (Cells::default(), Cells::default());
        let (night, day) = (thousandths(20.0_f64.ln()), thousandths(200.0_f64.ln()));
        for minute in 0..1_440 {
            let is_night = minute / 60 % 2 == 0;
            let surprise = if is_night && minute % 2 == 0 { thousandths(1.5_f64.ln()) } else { 0 };
            levels.put(minute + 4, if is_night { night + surprise } else { day });
            surprises.put(minute, Surprise(surprise, Situation::default()));
        }
        let risk = |level: i16, instances: u32| {
            let needed = Needed::new(f64::from(level) / 1_000.0, 11.0);
            let expectation = Expectation { levels: &levels, level, ahead: 4 };
            let known = (Situation::default(), Some(expectation));
            let tails = tails(&surprises, &needed, 1_440, [Rhythm::NONE; 2], known.0, known.1);
            let rung = rung_for(instances);
            (tails[0][rung], tails[6][rung])
        };
        let (of_all, of_alike) = risk(night, 2);
        assert!(of_all < 0.3 && of_alike > 0.45, "{of_all} {of_alike}");
        let (of_all, of_alike) = risk(day, 20);
        assert!(of_all > 0.2 && of_alike < 0.02, "{of_all} {of_alike}");
    }
}
