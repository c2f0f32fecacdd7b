//! What did not help is tried again later and later: each failure in a row multiplies the wait, up to a longest.

/// How a wait grows; in whatever unit the first is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackOff {
    pub(crate) first: f64,
    pub(crate) factor: f64,
    pub(crate) longest: f64,
}

impl BackOff {
    /// The wait when the first was followed by so many failures.
    pub(crate) fn after(&self, failures: u32) -> f64 {
        let exponent = i32::try_from(failures).unwrap_or(i32::MAX);
        (self.first * self.factor.powi(exponent)).min(self.longest)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "powers of two are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_wait_grows_up_to_the_longest() {
        let back_off = BackOff { first: 15.0, factor: 2.0, longest: 100.0 };
        assert_eq!([0, 1, 2, 3, u32::MAX].map(|n| back_off.after(n)), [15.0, 30.0, 60.0, 100.0, 100.0]);
    }
}
