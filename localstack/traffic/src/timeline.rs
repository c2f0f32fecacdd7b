//! How many users are meant to come, and when: a rate over time, made of straight pieces.

/// The rate of arrivals over a run, and the names of its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pieces: Vec<Piece>,
    stages: Vec<Stage>,
}

/// A named part of a run, in seconds since its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// As the scenario calls it: `before`, `rise`, `peak`, `fall`, `after`.
    pub name: String,
    /// Its first moment.
    pub start_s: f64,
    /// Its end, which is the next stage's start.
    pub end_s: f64,
}

/// A stretch of time in which the rate changes evenly.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "each name ends with its unit")]
struct Piece {
    start_s: f64,
    end_s: f64,
    from_per_s: f64,
    to_per_s: f64,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self { pieces: Vec::new(), stages: Vec::new() }
    }

    /// Adds a stage to the end, whose rate goes evenly from one value to the other.
    pub(crate) fn push_stage(&mut self, name: &str, duration_s: f64, from_per_s: f64, to_per_s: f64) {
        self.push_bins(name, duration_s, &[(from_per_s, to_per_s)]);
    }

    /// Adds a stage made of bins of equal length, each with its (from, to) rates.
    pub(crate) fn push_bins(&mut self, name: &str, bin_length_s: f64, bins: &[(f64, f64)]) {
        let start_s = self.duration_s();
        let bin_start = |i: usize| start_s + bin_length_s * i as f64;
        self.pieces.extend(bins.iter().enumerate().map(|(i, &(from_per_s, to_per_s))| Piece {
            start_s: bin_start(i),
            end_s: bin_start(i + 1),
            from_per_s,
            to_per_s,
        }));
        self.stages.push(Stage { name: name.to_owned(), start_s, end_s: bin_start(bins.len()) });
    }

    /// The whole run, in seconds.
    pub fn duration_s(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| piece.end_s)
    }

    /// The rate at the end.
    pub(crate) fn last_rate_per_s(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| piece.rate_at(piece.end_s))
    }

    /// Whether as many users are expected in any second as in any other.
    pub(crate) fn is_constant(&self) -> bool {
        let last_per_s = self.last_rate_per_s();
        self.pieces
            .iter()
            .flat_map(|piece| [piece.from_per_s, piece.to_per_s])
            .all(|per_s| per_s.total_cmp(&last_per_s).is_eq())
    }

    /// The run's parts, one after the other.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Users per second at a moment; none before the start and after the end.
    pub fn rate_at(&self, t_s: f64) -> f64 {
        let piece = self.pieces_from(t_s).first().filter(|piece| piece.start_s <= t_s);
        piece.map_or(0.0, |piece| piece.rate_at(t_s))
    }

    /// How many users are expected between two moments: the rate's integral.
    pub fn expected_between(&self, from_s: f64, to_s: f64) -> f64 {
        let within = self.pieces_from(from_s).iter().take_while(|piece| piece.start_s < to_s);
        within.map(|piece| piece.expected_between(from_s.max(piece.start_s), to_s.min(piece.end_s))).sum()
    }

    /// When that many users are expected to have come since a moment; `None` when the run ends first.
    pub(crate) fn when_expected(&self, from_s: f64, mut users: f64) -> Option<f64> {
        for piece in self.pieces_from(from_s) {
            let start_s = from_s.max(piece.start_s);
            let here = piece.expected_between(start_s, piece.end_s);
            if users <= here {
                return Some(piece.when_expected(start_s, users));
            }
            users -= here;
        }
        None
    }

    fn pieces_from(&self, t_s: f64) -> &[Piece] {
        &self.pieces[self.pieces.partition_point(|piece| piece.end_s <= t_s)..]
    }
}

impl Piece {
    fn slope(&self) -> f64 {
        (self.to_per_s - self.from_per_s) / (self.end_s - self.start_s)
    }

    fn rate_at(&self, t_s: f64) -> f64 {
        self.from_per_s + self.slope() * (t_s - self.start_s)
    }

    /// The area of a trapezium.
    fn expected_between(&self, from_s: f64, to_s: f64) -> f64 {
        (to_s - from_s) * f64::midpoint(self.rate_at(from_s), self.rate_at(to_s))
    }

    /// Solves `rate * x + slope / 2 * x^2 = users` for x, in the form that is exact for a slope near zero.
    fn when_expected(&self, from_s: f64, users: f64) -> f64 {
        let rate = self.rate_at(from_s);
        let root = (rate * rate + 2.0 * self.slope() * users).max(0.0).sqrt();
        let elapsed_s = if users > 0.0 { 2.0 * users / (rate + root) } else { 0.0 };
        (from_s + elapsed_s).min(self.end_s)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn surge() -> Timeline {
        let mut timeline = Timeline::new();
        timeline.push_stage("before", 60.0, 5.0, 5.0);
        timeline.push_stage("rise", 30.0, 5.0, 45.0);
        timeline.push_stage("pause", 10.0, 0.0, 0.0);
        timeline.push_stage("fall", 20.0, 40.0, 0.0);
        timeline
    }

    #[test]
    fn ramps_integrate_to_the_area_beneath_them() {
        let timeline = surge();
        for (from_s, to_s, users) in [
            (0.0, 60.0, 300.0),
            (60.0, 90.0, 750.0),
            (60.0, 75.0, 225.0),
            (90.0, 100.0, 0.0),
            (0.0, 999.0, 1450.0),
        ] {
            assert!((timeline.expected_between(from_s, to_s) - users).abs() < 1e-9, "{from_s} to {to_s}");
        }
        assert!((timeline.rate_at(75.0) - 25.0).abs() < 1e-9);
        assert_eq!((timeline.rate_at(-1.0), timeline.rate_at(120.0)), (0.0, 0.0));
    }

    #[test]
    fn stages_keep_their_names_and_follow_each_other() {
        let stages = surge().stages().to_vec();
        assert_eq!(
            stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>(),
            ["before", "rise", "pause", "fall"]
        );
        assert_eq!((stages[1].start_s, stages[1].end_s, surge().duration_s()), (60.0, 90.0, 120.0));
    }

    proptest! {
        #[test]
        fn the_time_of_an_expected_user_is_the_integrals_inverse(from_s in 0.0..119.0, share in 0.0..0.999) {
            let timeline = surge();
            let users = timeline.expected_between(from_s, 120.0) * share;
            let when_s = timeline.when_expected(from_s, users).unwrap();
            prop_assert!(when_s >= from_s && when_s <= 120.0);
            prop_assert!((timeline.expected_between(from_s, when_s) - users).abs() < 1e-6);
        }

        #[test]
        fn more_users_than_are_expected_never_come(from_s in 0.0..120.0) {
            let timeline = surge();
            prop_assert_eq!(timeline.when_expected(from_s, timeline.expected_between(from_s, 120.0) + 0.001), None);
        }
    }
}
