//! The numbers that policies are set by.

/// A number that a policy is set by.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, with its unit.
    pub name: &'static str,
    /// The value that it has where none is chosen.
    pub usual: f64,
    /// The values that a comparison tries.
    pub sweep: Sweep,
}

/// Values from the first to the last, both included.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// The first.
    pub first: f64,
    /// The last.
    pub last: f64,
    /// How far apart they are.
    pub step: f64,
}

impl Sweep {
    pub(super) fn values(self) -> Vec<f64> {
        let count = ((self.last - self.first) / self.step).round() as u32;
        // Whole multiples of the step, rounded, so that a table shows 0.35 and not 0.35000000000000003.
        (0..=count).map(|i| ((self.first + f64::from(i) * self.step) * 1e6).round() / 1e6).collect()
    }
}

pub(super) const fn swept(name: &'static str, usual: f64, first: f64, last: f64, step: f64) -> Parameter {
    Parameter { name, usual, sweep: Sweep { first, last, step } }
}
