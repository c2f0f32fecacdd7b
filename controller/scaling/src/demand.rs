//! How much is asked of the fleet, now and when new instances can help.

use crate::history::History;
use crate::observation::Datapoint;

/// How many standard deviations a rate must be off before it is a change and not noise.
const SIGNIFICANT: f64 = 4.0;
/// Real arrivals are burstier than Poisson's: users come in clusters. Added to the Poisson variance as a share
/// of the rate.
const OVERDISPERSION: f64 = 0.05;
/// The mean goes back over at most this many datapoints: enough to calm the noise, few enough to follow a drift.
const LONGEST_MEAN: usize = 6;
/// A rise is extrapolated to at most this multiple of the rate: a straight line is a poor prophet.
const MOST_GROWTH: f64 = 2.0;

/// Demand in requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Demand {
    /// Now, freed from counting noise.
    pub(crate) now_per_s: f64,
    /// Standard deviation of `now_per_s`: that of counting arrivals.
    pub(crate) noise_per_s: f64,
    /// Growth in requests per second per second; 0 unless two successive rises agree.
    pub(crate) rise_per_s2: f64,
}

impl Demand {
    /// Reads the demand off the newest datapoints that have a request count; none where there is no such.
    pub(crate) fn of(history: &History) -> Option<Self> {
        let recent: Vec<Sample> = history.newest_first().filter_map(Sample::of).take(LONGEST_MEAN).collect();
        let (now_per_s, span_s) = steady_mean(&recent)?;
        let noise_per_s = (now_per_s / span_s).sqrt();
        Some(Self { now_per_s, noise_per_s, rise_per_s2: rise(&recent) })
    }

    /// No demand at all.
    pub(crate) const NONE: Self = Self::settled(0.0);

    /// A demand that is known and does not change.
    pub(crate) const fn settled(now_per_s: f64) -> Self {
        Self { now_per_s, noise_per_s: 0.0, rise_per_s2: 0.0 }
    }

    /// The demand `lead_s` from now, on the present trend.
    pub(crate) fn after(&self, lead_s: f64) -> f64 {
        (self.now_per_s + self.rise_per_s2 * lead_s).clamp(self.now_per_s, MOST_GROWTH * self.now_per_s)
    }
}

#[derive(Clone, Copy)]
struct Sample {
    at: f64,
    per_s: f64,
    period_s: f64,
}

impl Sample {
    fn of(d: &Datapoint) -> Option<Self> {
        Some(Self { at: d.at, per_s: d.requests_per_s?, period_s: d.period_s })
    }

    /// Standard deviation of the rate: that of a Poisson count over the period, plus overdispersion.
    fn deviation(&self, mean_per_s: f64) -> f64 {
        (mean_per_s / self.period_s).sqrt() + OVERDISPERSION * mean_per_s
    }

    fn differs_from(&self, mean_per_s: f64) -> bool {
        (self.per_s - mean_per_s).abs() > SIGNIFICANT * self.deviation(mean_per_s.max(self.per_s))
    }
}

/// The mean over the longest run of newest datapoints that agree with each other, and the seconds it spans.
///
/// At constant load that averages the noise away; at a jump the run is the newest datapoint alone, so that a
/// surge is seen at once.
fn steady_mean(newest_first: &[Sample]) -> Option<(f64, f64)> {
    let (first, rest) = newest_first.split_first()?;
    let (mut requests, mut span_s) = (first.per_s * first.period_s, first.period_s);
    for sample in rest {
        if sample.differs_from(requests / span_s) {
            break;
        }
        requests += sample.per_s * sample.period_s;
        span_s += sample.period_s;
    }
    Some((requests / span_s, span_s))
}

/// The smaller of the last two rises, if together they are more than noise.
///
/// One rise alone may be a step that is already over; the smaller of two is a trend.
fn rise(newest_first: &[Sample]) -> f64 {
    let [newest, middle, oldest, ..] = newest_first else { return 0.0 };
    if !newest.differs_from(oldest.per_s) {
        return 0.0;
    }
    slope(middle, newest).min(slope(oldest, middle)).max(0.0)
}

fn slope(from: &Sample, to: &Sample) -> f64 {
    let span_s = to.at - from.at;
    if span_s > 0.0 { (to.per_s - from.per_s) / span_s } else { 0.0 }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "small sums of round numbers are exact")]
mod tests {
    use super::*;

    fn demand(rates_per_s: &[f64]) -> Demand {
        let mut history = History::default();
        for (i, rate) in rates_per_s.iter().enumerate() {
            history.file(&Datapoint {
                at: i as f64 * 10.0,
                period_s: 10.0,
                requests_per_s: Some(*rate),
                ..Datapoint::default()
            });
        }
        Demand::of(&history).unwrap()
    }

    #[test]
    fn noise_is_averaged_and_a_jump_is_seen_at_once() {
        assert!((demand(&[40.0, 43.0, 38.0, 41.0, 39.0, 42.0]).now_per_s - 40.5).abs() < 1e-9);
        assert_eq!(demand(&[40.0, 41.0, 39.0, 120.0]).now_per_s, 120.0);
    }

    #[test]
    fn a_ramp_is_extrapolated_and_a_step_is_not() {
        let ramp = demand(&[20.0, 50.0, 80.0]);
        assert_eq!((ramp.rise_per_s2, ramp.after(20.0)), (3.0, 140.0));
        let step = demand(&[20.0, 80.0, 80.0]);
        assert_eq!((step.rise_per_s2, step.after(20.0)), (0.0, 80.0));
    }

    #[test]
    fn growth_is_bounded() {
        assert_eq!(demand(&[10.0, 60.0, 110.0]).after(600.0), 220.0);
    }

    #[test]
    fn a_falling_demand_is_not_extrapolated() {
        assert_eq!(demand(&[110.0, 60.0, 10.0]).after(600.0), 10.0);
    }
}
