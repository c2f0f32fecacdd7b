//! What the pools are asked, and what memory answers it with.

use serde::{Deserialize, Serialize};

use super::cells::{Cells, Rhythm};
use super::ladder::WIDEST;
use super::situation::Situation;
use crate::policy::Parts;

/// What is common is not searched further back: the newest tell what it is like now.
const ALIKE: usize = 1_500;
/// Expectations that differ by no more than a tenth, in thousandths of a logarithm, are alike.
const LIKE: i32 = 100;
/// Of two weeks of levels one in seven is looked at, which no rhythm of the hour or the day divides.
const EVERY: i64 = 7;

/// How far a demand was from its forecast, as a logarithm in thousandths, and in which situation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Surprise(pub(crate) i16, pub(crate) Situation);

/// What is asked of the pools: how much may be asked for in a cell of the future.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The levels that came, and how far off they were from what had been expected.
    pub(crate) levels: &'a Cells<i16>,
    pub(crate) surprises: &'a Cells<Surprise>,
    /// The cell that the forecast is made in, and how many cells later its target is.
    pub(crate) origin: i64,
    pub(crate) ahead: i64,
    pub(crate) expected: i16,
    pub(crate) situation: Situation,
    pub(crate) hourly: Rhythm,
    pub(crate) daily: Rhythm,
    /// Parts that an experiment leaves out.
    pub(crate) without: Parts,
}

impl Question<'_> {
    /// The surprises of forecasts in the same situation, the newest first.
    pub(crate) fn alike(&self) -> impl Iterator<Item = &Surprise> {
        let all = self.surprises.newest_first();
        all.filter(|surprise| surprise.1 == self.situation).take(ALIKE)
    }

    /// The surprises of forecasts that had expected about as much, which is what came less the surprise, the newest first.
    /// Where the lead has changed since then, what came a little earlier or later stands for it.
    pub(crate) fn like_expectations(&self) -> impl Iterator<Item = &Surprise> {
        let had_expected = |surprise: &Surprise, came: i16| i32::from(came) - i32::from(surprise.0);
        let is_like = move |expected: i32| (expected - i32::from(self.expected)).abs() <= LIKE;
        let all = self.surprises.newest_first_beside(self.levels, self.ahead);
        all.filter(move |(surprise, came)| is_like(had_expected(surprise, **came)))
            .map(|(surprise, _)| surprise)
            .take(ALIKE)
    }

    /// How far each level that came lies from what is expected now; more than a factor of 50 is as good as that.
    pub(crate) fn levels_away(&self) -> impl Iterator<Item = i16> {
        let away = |level: &i16| (i32::from(*level) - i32::from(self.expected)).clamp(-WIDEST, WIDEST) as i16;
        self.levels.each(EVERY).map(away)
    }
}
