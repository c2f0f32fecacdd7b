//! What the event queue holds.

use std::cmp::Ordering;

/// A response on its way, known from the request's arrival on, as service is first come first served.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) at: f64,
    pub(super) response_s: f64,
    pub(super) server: usize,
}

/// The earliest departure is the greatest, as the heap gives the greatest first.
impl Ord for Departure {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at)
    }
}

impl PartialOrd for Departure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Departure {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Departure {}
