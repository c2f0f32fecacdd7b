//! A Poisson process whose rate follows a timeline, times a factor that may change while it runs.
//!
//! In the time scale of expected users such a process has independent exponential gaps of mean 1, so one draw decides
//! the next arrival whatever the rate does until then, and a changed factor only re-times what is left of it.

use rand::{SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Exp1};

use crate::timeline::Timeline;

#[derive(Debug)]
pub(crate) struct Arrivals<'a> {
    timeline: &'a Timeline,
    draws: StdRng,
    /// Up to here, in seconds since the start, everything is settled.
    settled_s: f64,
    /// Expected users that still have to pass before the next one comes.
    gap_left: f64,
}

impl<'a> Arrivals<'a> {
    pub(crate) fn new(timeline: &'a Timeline, seed: u64) -> Self {
        let mut draws = StdRng::seed_from_u64(seed);
        let gap_left = Exp1.sample(&mut draws);
        Self { timeline, draws, settled_s: 0.0, gap_left }
    }

    /// When the next user comes if the factor stays; `None`: not before the end.
    pub(crate) fn next_s(&self, factor: f64) -> Option<f64> {
        self.timeline.when_expected(self.settled_s, self.gap_left / factor)
    }

    /// The next user has come.
    pub(crate) fn arrive(&mut self, at_s: f64) {
        self.settled_s = at_s;
        self.gap_left = Exp1.sample(&mut self.draws);
    }

    /// Nobody has come up to a moment, at this factor.
    pub(crate) fn pass(&mut self, until_s: f64, factor: f64) {
        let passed = self.timeline.expected_between(self.settled_s, until_s) * factor;
        self.gap_left = (self.gap_left - passed).max(0.0);
        self.settled_s = self.settled_s.max(until_s);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedule(timeline: &Timeline, seed: u64, factor: f64) -> Vec<f64> {
        let mut arrivals = Arrivals::new(timeline, seed);
        std::iter::from_fn(|| arrivals.next_s(factor).inspect(|&at_s| arrivals.arrive(at_s))).collect()
    }

    fn ramp(from_per_s: f64, to_per_s: f64) -> Timeline {
        let mut timeline = Timeline::new();
        timeline.push_stage("rise", 100.0, from_per_s, to_per_s);
        timeline
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A Poisson count has its mean as variance: five standard deviations hold for every seed.
        #[test]
        fn as_many_come_as_are_expected(seed: u64, from in 0.0..50.0, to in 1.0..50.0, factor in 0.1..3.0) {
            let timeline = ramp(from, to);
            for (start_s, end_s) in [(0.0, 100.0), (0.0, 50.0), (50.0, 100.0)] {
                let expected = timeline.expected_between(start_s, end_s) * factor;
                let came = schedule(&timeline, seed, factor);
                let came = came.iter().filter(|&&at_s| start_s <= at_s && at_s < end_s).count() as f64;
                prop_assert!((came - expected).abs() <= 5.0 * expected.sqrt() + 3.0, "{came} came, {expected} expected");
            }
        }

        #[test]
        fn a_factor_that_changes_to_itself_changes_nothing(seed: u64, moment in 0.0..1.0) {
            let timeline = ramp(0.5, 0.5);
            let mut arrivals = Arrivals::new(&timeline, seed);
            let before = arrivals.next_s(1.0);
            arrivals.pass(before.unwrap_or(100.0) * moment, 1.0);
            prop_assert!((before.unwrap_or(-1.0) - arrivals.next_s(1.0).unwrap_or(-1.0)).abs() < 1e-6);
        }
    }

    #[test]
    fn gaps_are_exponential() {
        let came = schedule(&ramp(100.0, 100.0), 7, 1.0);
        let gaps: Vec<_> = came.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let share_above =
            |limit_s: f64| gaps.iter().filter(|&&gap| gap > limit_s).count() as f64 / gaps.len() as f64;
        for limit_s in [0.005, 0.01, 0.02, 0.04] {
            let expected = f64::exp(-100.0 * limit_s);
            assert!((share_above(limit_s) - expected).abs() < 0.025, "P(gap > {limit_s} s)");
        }
    }

    #[test]
    fn a_seed_repeats_its_schedule_and_another_does_not() {
        let timeline = ramp(5.0, 20.0);
        assert_eq!(schedule(&timeline, 7, 1.0), schedule(&timeline, 7, 1.0));
        assert_ne!(schedule(&timeline, 7, 1.0), schedule(&timeline, 8, 1.0));
    }

    #[test]
    fn at_factor_zero_nobody_comes() {
        assert_eq!(Arrivals::new(&ramp(5.0, 5.0), 7).next_s(0.0), None);
    }
}
