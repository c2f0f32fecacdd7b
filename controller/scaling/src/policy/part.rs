//! Parts of the forecast's strategy that can be left out, to see what each buys. No operator's settings name them.

/// A part that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// What the demand did at this time on previous days.
    TimeOfDay,
    /// What the demand did at this minute of every hour.
    MinuteOfHour,
    /// The situations: in each, another view is believed.
    Situations,
    /// The surprises of forecasts that had expected about as much.
    LikeExpectations,
    /// How often each demand came, whatever was expected.
    Levels,
    /// The learned cliff: where the p95 breaks the objective is what is assumed at first.
    LearnedCliff,
    /// What was spent of the error budget: the price is that of hindsight alone.
    Spent,
    /// The least gain of a scale-out, and the rent-or-buy rule of scale-in.
    Economy,
}

/// The parts that are left out; none as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts(u16);

impl Parts {
    /// These, and one more.
    #[must_use]
    pub fn and(self, part: Part) -> Self {
        Self(self.0 | (1 << part as u8))
    }

    /// Whether this one is among them.
    pub fn include(self, part: Part) -> bool {
        self.0 & (1 << part as u8) != 0
    }
}
