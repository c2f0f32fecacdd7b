//! Pareto fronts of hours against violations.

use serde::Serialize;

/// A policy's place in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Violating minutes in %.
    pub violations_percent: f64,
    /// Instance-hours in units of the oracle's.
    pub relative_hours: f64,
}

/// The points that no other beats in both, by rising violations and so by falling hours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Front(Vec<Point>);

impl Front {
    /// The front of these points.
    pub fn of(points: impl IntoIterator<Item = Point>) -> Self {
        let mut sorted: Vec<Point> = points.into_iter().collect();
        sorted.sort_by(|a, b| {
            let by_hours = a.relative_hours.total_cmp(&b.relative_hours);
            a.violations_percent.total_cmp(&b.violations_percent).then(by_hours)
        });
        let mut front: Vec<Point> = Vec::new();
        for point in sorted {
            if front.last().is_none_or(|last| point.relative_hours < last.relative_hours) {
                front.push(point);
            }
        }
        Self(front)
    }

    /// The points.
    pub fn points(&self) -> &[Point] {
        &self.0
    }

    /// The hours at exactly so many violations, on the straight line between the neighbouring points; beyond the
    /// last point, its hours. None where every point violates more.
    pub fn hours_at(&self, violations_percent: f64) -> Option<f64> {
        let beyond = self.0.partition_point(|point| point.violations_percent <= violations_percent);
        let below = self.0.get(beyond.checked_sub(1)?)?;
        let Some(above) = self.0.get(beyond) else { return Some(below.relative_hours) };
        let share = (violations_percent - below.violations_percent)
            / (above.violations_percent - below.violations_percent);
        Some(below.relative_hours + share * (above.relative_hours - below.relative_hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(points: &[(f64, f64)]) -> Front {
        let point = |(v, h): &(f64, f64)| Point { violations_percent: *v, relative_hours: *h };
        Front::of(points.iter().map(point))
    }

    #[test]
    fn what_is_beaten_in_both_is_not_on_the_front() {
        let front = front(&[(1.0, 2.0), (0.5, 3.0), (1.5, 2.5), (2.0, 1.0), (0.5, 4.0)]);
        let hours: Vec<f64> = front.points().iter().map(|p| p.relative_hours).collect();
        assert_eq!(hours, vec![3.0, 2.0, 1.0]);
    }

    #[test]
    fn the_front_is_read_between_its_points_and_never_beyond_them() {
        let front = front(&[(0.4, 3.0), (0.8, 2.0)]);
        assert_eq!(front.hours_at(0.3), None);
        assert!((front.hours_at(0.5).unwrap() - 2.75).abs() < 1e-12);
        assert_eq!(front.hours_at(5.0), Some(2.0));
    }
}
