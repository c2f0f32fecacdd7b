//! Where the demand may end up besides where it is expected: how far off earlier forecasts were, seen in six
//! ways, and how often each demand came, whatever was expected.
//!
//! Each pool is a view of the same two memories, of surprises and of levels. A pool that knows little leans on a wider one:
//!
//! ```text
//! prior <- last day <- last hour
//!                   <- same situation
//!                   <- like expectations
//!                   <- same minute of the hour <- same time of day
//!                   <- levels
//! ```

use super::cells::Rhythm;
use super::ladder::{Needed, RUNGS};
use super::question::{Question, Surprise};
use crate::policy::Part;

/// How many pools there are.
pub(crate) const POOLS: usize = 7;
/// The probability that each rung is too low.
pub(crate) type Tail = [f64; RUNGS];

/// Minutes that the pool of the last day looks at.
const DAY: usize = 1_440;
const HOUR: usize = 60;
/// A surprise tells of others that are so much smaller and larger, too: a kernel that is wider where surprises are rarer
/// (Silverman, Density Estimation, 1986, ch. 5.3), and next to nothing where forecasts are good.
const BLUR_PERCENT: i32 = 10;
/// Surprises that a wider pool is worth beside a narrower one's own.
const OF_DAY: f64 = 30.0;
const OF_MINUTE: f64 = 8.0;
const OF_TIME: f64 = 2.0;
/// A surprise counts eight, so that a quarter of a half is a whole number too: adding those up is fast.
const ONE: u32 = 8;
/// A neighbouring minute tells half as much as the minute itself.
const HALF: u32 = ONE / 2;

/// Each pool's opinion.
pub(crate) fn tails(needed: &Needed, question: Question) -> [Tail; POOLS] {
    let Question { surprises, hourly, daily, without, .. } = question;
    let pool = || Pool::new(needed);
    let recent = |count: usize| pool().surprised(surprises.newest_first().take(count), ONE);
    let every = |rhythm: Rhythm, reach| surprises.every(rhythm, question.origin, reach);
    let day = recent(DAY).leaning_on(&prior(needed), OF_DAY);
    let hour = recent(HOUR).leaning_on(&day, HOUR as f64 / 2.0);
    let situation = pool().surprised(question.alike(), ONE).leaning_on(&day, OF_DAY);
    let minute = pool().surprised(every(hourly, 0), ONE).leaning_on(&day, OF_MINUTE);
    let time = pool().surprised(every(daily, 0), HALF).surprised(every(daily, 2), HALF);
    let time = time.leaning_on(&minute, OF_TIME);
    let unless = |part, pool: Pool| if without.include(part) { day } else { pool.leaning_on(&day, OF_DAY) };
    let like = unless(Part::LikeExpectations, pool().surprised(question.like_expectations(), ONE));
    let level = unless(Part::Levels, pool().came(question.levels_away()));
    [day, hour, situation, minute, time, like, level]
}

/// Surprises or levels counted by the rung that they would have needed.
struct Pool<'a> {
    needed: &'a Needed,
    counts: [u32; RUNGS + 1],
}

impl<'a> Pool<'a> {
    fn new(needed: &'a Needed) -> Self {
        Self { needed, counts: [0; RUNGS + 1] }
    }

    /// Surprises, each blurred: it may as well be a tenth more or less the next time.
    fn surprised<'s>(mut self, surprises: impl Iterator<Item = &'s Surprise>, each: u32) -> Self {
        surprises.for_each(|Surprise(surprise, _)| {
            let blur = (i32::from(*surprise).abs() * BLUR_PERCENT / 100) as i16;
            let low = self.needed.rung(surprise.saturating_sub(blur));
            let high = self.needed.rung(surprise.saturating_add(blur));
            if low == high {
                self.counts[low] += each;
            } else {
                self.counts[low] += each / 4;
                self.counts[self.needed.rung(*surprise)] += each / 2;
                self.counts[high] += each / 4;
            }
        });
        self
    }

    /// Levels as they came, by how far from the expectation they are.
    fn came(mut self, away: impl Iterator<Item = i16>) -> Self {
        away.for_each(|away| self.counts[self.needed.rung(away)] += ONE);
        self
    }

    /// The chances, where the wider pool's are worth so many surprises.
    fn leaning_on(self, wider: &Tail, worth: f64) -> Tail {
        let surprises = |count: u32| f64::from(count) / f64::from(ONE);
        let all = surprises(self.counts.iter().sum());
        let mut above = 0;
        let mut tail = *wider;
        for (rung, chance) in tail.iter_mut().enumerate().rev() {
            above += self.counts[rung + 1];
            *chance = (surprises(above) + worth * *chance) / (all + worth);
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
    needed.too_much().map(|surprise| exceeds(f64::from(surprise) / 1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::cells::Cells;
    use crate::forecast::ladder::{rung_for, thousandths};
    use crate::forecast::situation::Situation;
    use crate::policy::Parts;

    /// Nights and days, an hour each: half of the forecasts at night are half too low, those by day are right.
    fn nights_and_days([night, day]: [i16; 2]) -> (Cells<i16>, Cells<Surprise>) {
        let (mut levels, mut surprises) = (Cells::default(), Cells::default());
        for minute in 0..1_440 {
            let is_night = minute / 60 % 2 == 0;
            let surprise = if is_night && minute % 2 == 0 { thousandths(1.5_f64.ln()) } else { 0 };
            levels.put(minute + 4, if is_night { night + surprise } else { day });
            surprises.put(minute, Surprise(surprise, Situation::default()));
        }
        (levels, surprises)
    }

    /// The chance that so many are too few, of all surprises, like expectations and levels, where `expected` is.
    fn risks((levels, surprises): &(Cells<i16>, Cells<Surprise>), expected: i16, instances: u32) -> [f64; 3] {
        let question = Question {
            levels,
            surprises,
            origin: 1_440,
            ahead: 4,
            expected,
            situation: Situation::default(),
            hourly: Rhythm::NONE,
            daily: Rhythm::NONE,
            without: Parts::default(),
        };
        let tails = tails(&Needed::new(f64::from(expected) / 1_000.0, 11.0), question);
        [0, 5, 6].map(|pool| tails[pool][rung_for(instances)])
    }

    #[test]
    fn what_is_expected_by_day_is_not_judged_by_the_surprises_of_the_night() {
        let levels = [20.0_f64, 200.0].map(|rate| thousandths(rate.ln()));
        let memory = nights_and_days(levels);
        let [of_all, of_alike, _] = risks(&memory, levels[0], 2);
        assert!(of_all < 0.3 && of_alike > 0.45, "{of_all} {of_alike}");
        let [of_all, of_alike, _] = risks(&memory, levels[1], 20);
        assert!(of_all > 0.2 && of_alike < 0.02, "{of_all} {of_alike}");
    }

    #[test]
    fn levels_tell_where_the_demand_goes_and_where_it_ends() {
        let levels = [20.0_f64, 200.0].map(|rate| thousandths(rate.ln()));
        let memory = nights_and_days(levels);
        let [of_all, _, of_levels] = risks(&memory, levels[0], 15);
        assert!(
            of_all < 0.01 && of_levels > 0.4,
            "no surprise was so large, but days came: {of_all} {of_levels}"
        );
        let [of_all, _, of_levels] = risks(&memory, levels[1], 20);
        assert!(of_all > 0.2 && of_levels < 0.05, "no level was higher: {of_all} {of_levels}");
    }

    #[test]
    fn a_surprise_tells_of_somewhat_larger_and_smaller_ones() {
        let needed = Needed::new(100.0_f64.ln(), 10.0);
        let twice = [Surprise(thousandths(2.0_f64.ln()), Situation::default())];
        let tail = Pool::new(&needed).surprised(twice.iter(), ONE).leaning_on(&[0.0; RUNGS], 0.0);
        let percent_above = |instances| (100.0 * tail[rung_for(instances)]).round() as u32;
        assert_eq!([18, 19, 20, 21, 22].map(percent_above), [100, 75, 25, 25, 0]);
    }
}
