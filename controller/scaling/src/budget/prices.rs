//! The prices of a slow minute that are compared, from cheap to dear.

/// How many there are.
pub(super) const PRICES: usize = 32;
const SPACING: f64 = 1.35;
/// The lowest, in minutes of the whole mean fleet.
const LEAST_FLEET_MIN: f64 = 0.4;

/// The price at a place, which may lie between two of them, in minutes of the whole mean fleet.
pub(super) fn fleet_min(place: f64) -> f64 {
    LEAST_FLEET_MIN * SPACING.powf(place)
}
