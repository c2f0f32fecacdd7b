//! Two weeks of one value a minute: what the seasons are read off.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Two weeks of minutes: every weekday twice, and some 100 kB as JSON.
pub(crate) const KEPT: u16 = 14 * 1_440;

/// Something that comes again each `stride` cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    pub(crate) stride: i64,
    most: i64,
}

impl Rhythm {
    /// Nothing comes again.
    pub(crate) const NONE: Self = Self { stride: 0, most: 0 };

    /// What comes again after `period_s`; nothing if cells do not divide it.
    pub(crate) fn new(period_s: f64, cell_s: f64) -> Self {
        let stride = period_s / cell_s;
        Self { stride: if stride.fract() == 0.0 { stride as i64 } else { 0 }, most: i64::MAX }
    }

    /// Only the last so many times.
    pub(crate) fn at_most(self, most: i64) -> Self {
        Self { most, ..self }
    }
}

/// The latest values by the index of their cell; a cell without data is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cells<T> {
    /// The index after the newest cell's.
    end: i64,
    kept: VecDeque<Option<T>>,
}

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self { end: 0, kept: VecDeque::new() }
    }
}

impl<T> Cells<T> {
    /// Puts a value into its cell; cells that were skipped stay empty, and a cell older than all is ignored.
    pub(crate) fn put(&mut self, index: i64, value: T) {
        if self.kept.is_empty() || index - self.end >= i64::from(KEPT) {
            self.kept.clear();
            self.end = index;
        }
        while self.end <= index {
            self.kept.push_back(None);
            self.end += 1;
        }
        while self.kept.len() > usize::from(KEPT) {
            self.kept.pop_front();
        }
        if let Some(cell) = self.place(index).and_then(|place| self.kept.get_mut(place)) {
            *cell = Some(value);
        }
    }

    pub(crate) fn get(&self, index: i64) -> Option<&T> {
        self.kept.get(self.place(index)?)?.as_ref()
    }

    /// The index of the oldest cell. There are never more cells than [`KEPT`], so the count fits.
    fn first(&self) -> i64 {
        self.end - i64::try_from(self.kept.len()).unwrap_or(i64::MAX)
    }

    fn place(&self, index: i64) -> Option<usize> {
        usize::try_from(index - self.first()).ok()
    }

    /// The values, the newest first; empty cells are skipped.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().rev().flatten()
    }

    /// The values with the indices of their cells, the newest first; empty cells are skipped.
    pub(crate) fn newest_first_by_index(&self) -> impl Iterator<Item = (i64, &T)> {
        (self.first()..self.end)
            .rev()
            .zip(self.kept.iter().rev())
            .filter_map(|(index, cell)| Some((index, cell.as_ref()?)))
    }

    /// The values one or more periods of `rhythm` before `index`, and `reach` cells to either side of each, the
    /// newest first.
    pub(crate) fn every(&self, rhythm: Rhythm, index: i64, reach: i64) -> impl Iterator<Item = &T> {
        let steps = if rhythm.stride > 0 { (index - self.first()) / rhythm.stride } else { 0 };
        (1..=steps.min(rhythm.most)).flat_map(move |step| {
            (-reach..=reach).filter_map(move |aside| self.get(index - step * rhythm.stride + aside))
        })
    }

    /// Whether the indices can be counted with: a damaged state's may be anything.
    pub(crate) fn is_sound(&self) -> bool {
        self.kept.len() <= usize::from(KEPT) && self.end.unsigned_abs() < 1 << 48
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_by_its_index_and_a_gap_is_empty() {
        let mut cells = Cells::default();
        cells.put(100, 'a');
        cells.put(103, 'b');
        assert_eq!(cells.newest_first_by_index().collect::<Vec<_>>(), [(103, &'b'), (100, &'a')]);
        assert_eq!(
            [99, 100, 101, 103, 104].map(|i| cells.get(i).copied()),
            [None, Some('a'), None, Some('b'), None]
        );
    }

    #[test]
    fn the_oldest_make_room_and_a_long_silence_starts_anew() {
        let mut cells = Cells::default();
        (0..i64::from(KEPT) + 5).for_each(|i| cells.put(i, i));
        assert_eq!((cells.get(4), cells.get(5)), (None, Some(&5)));
        cells.put(10 * i64::from(KEPT), 1);
        assert_eq!(cells.newest_first().count(), 1);
    }

    #[test]
    fn the_same_place_of_earlier_periods_is_found() {
        let mut cells = Cells::default();
        (0..30).for_each(|i| cells.put(i, i));
        assert_eq!(cells.every(Rhythm::new(600.0, 60.0), 25, 0).copied().collect::<Vec<_>>(), [15, 5]);
        assert_eq!(
            cells.every(Rhythm::new(600.0, 60.0).at_most(1), 25, 1).copied().collect::<Vec<_>>(),
            [14, 15, 16]
        );
    }
}
