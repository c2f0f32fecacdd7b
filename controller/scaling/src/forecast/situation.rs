//! What is going on right now, coarsely: how far the demand is from its usual level, and where it just went.

use serde::{Deserialize, Serialize};

/// One of [`Situation::COUNT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Situation(u8);

/// Borders of the demand against its level of the last half hour, as logarithms.
const LEVELS: [f64; 4] = [-0.35, -0.1, 0.15, 0.5];
/// Borders of its change within the last minutes.
const CHANGES: [f64; 2] = [-0.2, 0.2];

impl Situation {
    pub(crate) const COUNT: usize = (LEVELS.len() + 1) * (CHANGES.len() + 1);

    /// From the demand's logarithm above its level, and its growth within five minutes.
    pub(crate) fn of(above_level: f64, growth: f64) -> Self {
        let level = LEVELS.partition_point(|border| *border <= above_level);
        let change = CHANGES.partition_point(|border| *border <= growth);
        Self((level * (CHANGES.len() + 1) + change) as u8)
    }

    /// A damaged one is the last.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0).min(Self::COUNT - 1)
    }
}
