//! How busy an instance may be before the p95 breaks the objective, learned from what was seen.
//!
//! The p95 is flat over most of the load and then a cliff, so a curve fitted to the flat part says little of where
//! the cliff is. Counted instead, for each utilisation, is how often the objective was kept and how often broken
//! there; the cliff is where it divides the two best.

use serde::{Deserialize, Serialize};

use crate::observation::Datapoint;

/// Utilisations that are told apart, from `LEAST` on, one percent each. A utilisation above 1 is possible: the
/// capacity is an estimate too.
const CELLS: usize = 80;
const LEAST: f64 = 0.4;
const WIDTH: f64 = 0.01;
/// Where the cliff is assumed until it has been seen. Queues of a few servers grow without bound above some 95 %
/// (Erlang C); 90 % leaves room for bursts within a period.
const ASSUMED: f64 = 0.9;
/// The assumption counts as much as so many periods in each cell.
const TRUST: f64 = 0.5;
/// Periods at a utilisation or above that make it known.
const PROOFS: f64 = 2.5;
/// A memory of two days of minutes: service that changes for good is found again.
const FADING: f64 = 1.0 / 3_000.0;

/// The stretch that one observation is made of. In a few seconds an instance can be asked for more than it serves,
/// and keep the objective, for the backlog is still short: only what lasts a minute counts.
const STRETCH_S: f64 = 60.0;

/// Minutes in which the objective was kept and broken, by utilisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Curve {
    kept: Vec<f64>,
    broken: Vec<f64>,
    cliff: f64,
    /// Periods, however short, in which it was kept: no proof of what lasts, but of what was served well.
    seen: Vec<f64>,
    stretch: Stretch,
}

/// Periods in a row that the same instances served: sums over their seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Stretch {
    span_s: f64,
    utilisation: f64,
    /// Of the p95s, weighted by requests.
    latency: f64,
    requests: f64,
}

impl Default for Curve {
    fn default() -> Self {
        let none = || vec![0.0; CELLS];
        Self { kept: none(), broken: none(), cliff: ASSUMED, seen: none(), stretch: Stretch::default() }
    }
}

impl Curve {
    /// The utilisation up to which the objective is kept.
    pub(crate) fn cliff(&self) -> f64 {
        self.cliff
    }

    /// The cliff before anything was seen.
    pub(crate) fn assumed() -> f64 {
        ASSUMED
    }

    /// The utilisation up to which the objective was really seen to be kept: never more than the cliff, and never less
    /// than what tells nothing.
    pub(crate) fn known_good(&self) -> f64 {
        let mut seen = 0.0;
        let top = (0..CELLS).rev().find(|cell| {
            seen += self.seen[*cell];
            seen >= PROOFS
        });
        top.map_or(LEAST, |cell| LEAST + WIDTH * (cell + 1) as f64).clamp(LEAST, self.cliff.max(LEAST))
    }

    /// Learns from minutes that the same instances served, from a period on that was not slow: else the p95 would be
    /// that of a backlog.
    pub(crate) fn learn(
        &mut self,
        before: &Datapoint,
        datapoint: &Datapoint,
        capacity_per_s: f64,
        objective_p95_s: f64,
    ) {
        let is_backlog = || before.latency_p95_s.is_none_or(|p95_s| p95_s > objective_p95_s);
        match self.stretch.extend(before, datapoint, capacity_per_s, is_backlog) {
            Some(period) if period.p95_s <= objective_p95_s => self.see(period.utilisation),
            Some(_) => {}
            None => self.stretch = Stretch::default(),
        }
        if self.stretch.span_s >= STRETCH_S {
            let stretch = std::mem::take(&mut self.stretch);
            self.count(
                stretch.utilisation / stretch.span_s,
                stretch.latency / stretch.requests > objective_p95_s,
            );
        }
    }

    fn see(&mut self, utilisation: f64) {
        let Some(cell) = cell(utilisation) else { return };
        self.seen[cell] += 1.0;
        self.seen.iter_mut().for_each(|count| *count *= 1.0 - FADING);
    }

    /// What is asked for more than its capacity, as far as that is known, cannot keep that up: where the objective was kept
    /// all the same the backlog was still short, and more of the same would have broken it. A capacity that is believed
    /// too low is disproved elsewhere (`Capacity`).
    fn count(&mut self, utilisation: f64, is_broken: bool) {
        if !is_broken && utilisation > 1.0 {
            return;
        }
        let Some(cell) = cell(utilisation) else { return };
        let side = if is_broken { &mut self.broken } else { &mut self.kept };
        side[cell] += 1.0;
        self.fade();
        self.cliff = self.divide();
    }

    fn fade(&mut self) {
        self.kept.iter_mut().chain(&mut self.broken).for_each(|count| *count *= 1.0 - FADING);
    }

    /// The border with the fewest periods on its wrong side: broken below it, kept above it.
    fn divide(&self) -> f64 {
        let assumed = cell(ASSUMED).unwrap_or(0);
        let kept = |i: usize| self.kept[i] + if i < assumed { TRUST } else { 0.0 };
        let broken = |i: usize| self.broken[i] + if i < assumed { 0.0 } else { TRUST };
        let mut wrong: f64 = (0..CELLS).map(kept).sum();
        let (mut best, mut least) = (0, wrong);
        for border in 1..=CELLS {
            wrong += broken(border - 1) - kept(border - 1);
            if wrong < least {
                (best, least) = (border, wrong);
            }
        }
        LEAST + WIDTH * best as f64
    }

    pub(crate) fn heal(&mut self) {
        let counts =
            |side: &[f64]| side.len() == CELLS && side.iter().all(|count| (0.0..1e6).contains(count));
        let cliffs = LEAST..=LEAST + WIDTH * CELLS as f64 + 1e-9;
        let sound = [&self.kept, &self.broken, &self.seen].into_iter().all(|side| counts(side));
        let sound = sound && self.stretch.is_sound();
        if !(sound && cliffs.contains(&self.cliff)) {
            *self = Self::default();
        }
        // An older program took them for proofs.
        self.kept.iter_mut().skip(cell(1.0 + WIDTH).unwrap_or(CELLS)).for_each(|count| *count = 0.0);
        self.cliff = self.divide();
    }
}

/// What a period tells by itself.
struct Period {
    utilisation: f64,
    p95_s: f64,
}

impl Stretch {
    /// Adds a period, if it can belong to a stretch at all.
    fn extend(
        &mut self,
        before: &Datapoint,
        datapoint: &Datapoint,
        capacity_per_s: f64,
        is_backlog: impl FnOnce() -> bool,
    ) -> Option<Period> {
        let same_fleet = datapoint.serving().filter(|n| before.serving() == Some(*n));
        let (serving, arrived_per_s, p95_s) =
            (same_fleet?, datapoint.requests_per_s?, datapoint.latency_p95_s?);
        let (begins, period_s) = (self.span_s == 0.0, datapoint.period_s);
        let is_gap = !begins && before.ended_at() < datapoint.at;
        if is_gap || datapoint.failing() || begins && is_backlog() {
            return None;
        }
        let utilisation = arrived_per_s / (serving * capacity_per_s);
        self.span_s += period_s;
        self.utilisation += utilisation * period_s;
        self.latency += p95_s * arrived_per_s * period_s;
        self.requests += arrived_per_s * period_s;
        Some(Period { utilisation, p95_s })
    }

    fn is_sound(&self) -> bool {
        [self.span_s, self.utilisation, self.latency, self.requests]
            .iter()
            .all(|sum| (0.0..1e15).contains(sum))
    }
}

/// The cell of a utilisation; none where it tells nothing, far below the cliff. All that is far above is one.
fn cell(utilisation: f64) -> Option<usize> {
    (utilisation >= LEAST).then(|| (((utilisation - LEAST) / WIDTH) as usize).min(CELLS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes at utilisations from 0.8 to 1 of instances that serve 20 requests/s, slow above `cliff`.
    fn learned(curve: &mut Curve, minutes: u32, cliff: f64) -> f64 {
        for minute in 0..minutes {
            let utilisation = 0.8 + 0.002 * f64::from(minute * 37 % 100);
            let calm = Datapoint {
                latency_p95_s: Some(1.2),
                healthy: Some(4.0),
                period_s: 60.0,
                ..Datapoint::default()
            };
            let p95_s = if utilisation > cliff { 4.0 } else { 1.5 };
            let minute = Datapoint {
                requests_per_s: Some(80.0 * utilisation),
                latency_p95_s: Some(p95_s),
                ..calm.clone()
            };
            curve.learn(&calm, &minute, 20.0, 3.0);
        }
        curve.cliff()
    }

    #[test]
    fn the_cliff_is_found_on_either_side_of_the_assumption() {
        for cliff in [0.84, 0.95] {
            assert!((learned(&mut Curve::default(), 500, cliff) - cliff).abs() < 0.02, "{cliff}");
        }
    }

    #[test]
    fn a_cliff_that_moved_for_good_is_found_again() {
        let mut curve = Curve::default();
        learned(&mut curve, 3_000, 0.95);
        assert!((learned(&mut curve, 6_000, 0.84) - 0.84).abs() < 0.02, "{}", curve.cliff());
    }

    /// An overload of a tenth: in seconds it is within the objective, and in a minute it is not.
    #[test]
    fn what_lasts_seconds_only_is_no_utilisation_that_can_be_kept() {
        let mut curve = Curve::default();
        let at = |at: f64, p95_s| Datapoint {
            at,
            period_s: 5.0,
            requests_per_s: Some(88.0),
            latency_p95_s: Some(p95_s),
            healthy: Some(4.0),
            ..Datapoint::default()
        };
        for _ in 0..500 {
            let overload: Vec<_> =
                (0..=12).map(|i| at(5.0 * f64::from(i), 1.2 + 0.5 * f64::from(i))).collect();
            overload.windows(2).for_each(|pair| curve.learn(&pair[0], &pair[1], 20.0, 3.0));
            learned(&mut curve, 1, 0.95);
        }
        assert!(curve.cliff() <= 1.0, "{}", curve.cliff());
    }

    #[test]
    fn a_minute_above_capacity_is_no_proof_that_it_lasts() {
        let mut curve = Curve::default();
        let calm = Datapoint {
            requests_per_s: Some(83.0),
            latency_p95_s: Some(2.8),
            healthy: Some(4.0),
            period_s: 60.0,
            ..Datapoint::default()
        };
        (0..500).for_each(|_| curve.learn(&calm, &calm, 20.0, 3.0));
        assert!(curve.cliff() <= 1.0, "{}", curve.cliff());
    }

    #[test]
    fn what_an_older_program_took_for_proofs_is_forgotten() {
        let mut curve = Curve::default();
        learned(&mut curve, 500, 0.95);
        let cliff = curve.cliff();
        (60..70).for_each(|cell| curve.kept[cell] = 20.0);
        curve.cliff = 1.1;
        curve.heal();
        assert!((curve.cliff() - cliff).abs() < 0.011, "{} {cliff}", curve.cliff());
    }

    #[test]
    fn what_is_known_is_what_was_seen() {
        let mut curve = Curve::default();
        assert!((curve.known_good() - LEAST).abs() < 1e-9);
        let at = |utilisation| Datapoint {
            requests_per_s: Some(80.0 * utilisation),
            latency_p95_s: Some(1.2),
            healthy: Some(4.0),
            period_s: 60.0,
            ..Datapoint::default()
        };
        for (utilisation, known) in
            [(0.605, LEAST), (0.605, LEAST), (0.605, 0.61), (0.705, 0.61), (0.705, 0.61)]
        {
            curve.learn(&at(0.5), &at(utilisation), 20.0, 3.0);
            assert!((curve.known_good() - known).abs() < 1e-9, "{utilisation}: {}", curve.known_good());
        }
        assert!((learned(&mut curve, 500, 0.84) - curve.known_good()).abs() < 1e-9);
    }

    #[test]
    fn a_backlog_of_the_period_before_teaches_nothing() {
        let slow = Datapoint {
            latency_p95_s: Some(9.0),
            healthy: Some(4.0),
            period_s: 60.0,
            ..Datapoint::default()
        };
        let after = Datapoint { requests_per_s: Some(40.0), ..slow.clone() };
        let mut curve = Curve::default();
        (0..100).for_each(|_| curve.learn(&slow, &after, 20.0, 3.0));
        assert_eq!(curve, Curve::default());
    }
}
