//! Two weeks of one value a minute (longer where cells are longer): what the seasons are read off.

use serde::{Deserialize, Serialize, Serializer};

/// Two weeks of minutes: every weekday twice, and some 100 kB as JSON.
pub(crate) const KEPT: u16 = 14 * 1_440;
/// So many more may lie in memory, so that making room seldom moves the rest: in one piece they are read faster than in
/// a ring.
const SLACK: u16 = 1_440;

/// Something that comes again each `stride` cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    pub(crate) stride: i64,
}

impl Rhythm {
    /// Nothing comes again.
    pub(crate) const NONE: Self = Self { stride: 0 };

    /// What comes again after `period_s`; nothing if cells do not divide it.
    pub(crate) fn new(period_s: f64, cell_s: f64) -> Self {
        let stride = period_s / cell_s;
        Self { stride: if stride.fract() == 0.0 { stride as i64 } else { 0 } }
    }
}

/// The latest values by the index of their cell; a cell without data is empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cells<T> {
    /// The index after the newest cell's.
    end: i64,
    /// The newest last.
    #[serde(serialize_with = "without_slack", bound(serialize = "T: Serialize"))]
    kept: Vec<Option<T>>,
}

fn without_slack<T: Serialize, S: Serializer>(kept: &[Option<T>], serializer: S) -> Result<S::Ok, S::Error> {
    counting(kept).serialize(serializer)
}

/// The cells that are not too old to count.
fn counting<T>(kept: &[Option<T>]) -> &[Option<T>] {
    &kept[kept.len().saturating_sub(usize::from(KEPT))..]
}

impl<T: PartialEq> PartialEq for Cells<T> {
    fn eq(&self, other: &Self) -> bool {
        self.end == other.end && self.cells() == other.cells()
    }
}

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self { end: 0, kept: Vec::new() }
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
            self.kept.push(None);
            self.end += 1;
        }
        if self.kept.len() > usize::from(KEPT) + usize::from(SLACK) {
            self.kept.drain(..self.kept.len() - usize::from(KEPT));
        }
        let slack = self.kept.len() - self.cells().len();
        if let Some(cell) = self.place(index).and_then(|place| self.kept.get_mut(slack + place)) {
            *cell = Some(value);
        }
    }

    pub(crate) fn get(&self, index: i64) -> Option<&T> {
        self.cells().get(self.place(index)?)?.as_ref()
    }

    /// The cells that count, the newest last.
    fn cells(&self) -> &[Option<T>] {
        counting(&self.kept)
    }

    /// The index of the oldest cell. There are never more cells than [`KEPT`], so the count fits.
    fn first(&self) -> i64 {
        self.end - i64::try_from(self.cells().len()).unwrap_or(i64::MAX)
    }

    fn place(&self, index: i64) -> Option<usize> {
        usize::try_from(index - self.first()).ok()
    }

    /// The values, the newest first; empty cells are skipped.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.cells().iter().rev().filter_map(Option::as_ref)
    }

    /// The values beside those that `other` has `later` cells further on, the newest first; pairs that lack one are
    /// skipped.
    pub(crate) fn newest_first_beside<'a, U>(
        &'a self,
        other: &'a Cells<U>,
        later: i64,
    ) -> impl Iterator<Item = (&'a T, &'a U)> {
        // Both up to the older of their ends, and as long as the shorter.
        let end = self.end.min(other.end - later);
        let own = up_to(self.cells(), self.end - end);
        let others = up_to(other.cells(), other.end - later - end);
        let length = own.len().min(others.len());
        let pairs = own[own.len() - length..].iter().zip(&others[others.len() - length..]);
        pairs.rev().filter_map(|(value, other)| Some((value.as_ref()?, other.as_ref()?)))
    }

    /// The values one or more periods of `rhythm` before `index`, and `reach` cells to either side of each, the
    /// newest first.
    pub(crate) fn every(&self, rhythm: Rhythm, index: i64, reach: i64) -> impl Iterator<Item = &T> {
        let steps = if rhythm.stride > 0 { (index - self.first()) / rhythm.stride } else { 0 };
        (1..=steps).flat_map(move |step| {
            (-reach..=reach).filter_map(move |aside| self.get(index - step * rhythm.stride + aside))
        })
    }

    /// The values whose cells have an index that `stride` divides, the oldest first.
    pub(crate) fn each(&self, stride: i64) -> impl Iterator<Item = &T> {
        let skipped = (-self.first()).rem_euclid(stride);
        self.cells().iter().skip(skipped as usize).step_by(stride as usize).filter_map(Option::as_ref)
    }

    /// Whether the indices can be counted with: a damaged state's may be anything.
    pub(crate) fn is_sound(&self) -> bool {
        self.kept.len() <= usize::from(KEPT) + usize::from(SLACK) && self.end.unsigned_abs() < 1 << 48
    }
}

/// The cells without the newest so many.
fn up_to<T>(cells: &[T], newer: i64) -> &[T] {
    let newer = usize::try_from(newer).unwrap_or(usize::MAX);
    &cells[..cells.len().saturating_sub(newer)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_by_its_index_and_a_gap_is_empty() {
        let mut cells = Cells::default();
        cells.put(100, 'a');
        cells.put(103, 'b');
        assert_eq!(cells.newest_first().collect::<Vec<_>>(), [&'b', &'a']);
        assert_eq!(
            [99, 100, 101, 103, 104].map(|i| cells.get(i).copied()),
            [None, Some('a'), None, Some('b'), None]
        );
    }

    #[test]
    fn values_are_found_beside_later_ones() {
        let (mut cells, mut later) = (Cells::default(), Cells::default());
        (0..10).for_each(|i| cells.put(i, i));
        (5..12).filter(|i| *i != 9).for_each(|i| later.put(i, i));
        let beside =
            |ahead| cells.newest_first_beside(&later, ahead).map(|(a, b)| (*a, *b)).collect::<Vec<_>>();
        assert_eq!(beside(4), [(7, 11), (6, 10), (4, 8), (3, 7), (2, 6), (1, 5)]);
        assert_eq!(beside(-2), [(9, 7), (8, 6), (7, 5)]);
        assert_eq!(beside(20), []);
    }

    #[test]
    fn the_oldest_make_room_and_a_long_silence_starts_anew() {
        let mut cells = Cells::default();
        for count in [5, i64::from(SLACK), i64::from(SLACK) + 5] {
            (0..i64::from(KEPT) + count).for_each(|i| cells.put(i, i));
            assert_eq!((cells.get(count - 1), cells.get(count)), (None, Some(&count)));
            assert_eq!(cells.newest_first().count(), usize::from(KEPT));
        }
        let json = serde_json::to_value(&cells).unwrap();
        assert_eq!(
            json["kept"].as_array().unwrap().len(),
            usize::from(KEPT),
            "no more than an older program takes"
        );
        assert_eq!(serde_json::from_value::<Cells<i64>>(json).unwrap(), cells);
        cells.put(10 * i64::from(KEPT), 1);
        assert_eq!(cells.newest_first().count(), 1);
    }

    #[test]
    fn the_same_place_of_earlier_periods_is_found() {
        let mut cells = Cells::default();
        (0..30).for_each(|i| cells.put(i, i));
        assert_eq!(cells.every(Rhythm::new(600.0, 60.0), 25, 0).copied().collect::<Vec<_>>(), [15, 5]);
        assert_eq!(
            cells.every(Rhythm::new(600.0, 60.0), 25, 1).copied().collect::<Vec<_>>(),
            [14, 15, 16, 4, 5, 6]
        );
        let mut later = Cells::default();
        (3..30).for_each(|i| later.put(i, i));
        assert_eq!(later.each(7).copied().collect::<Vec<_>>(), [7, 14, 21, 28]);
    }
}
