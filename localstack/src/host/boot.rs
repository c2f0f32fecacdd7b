//! How long instances take to start.

use rand::rngs::StdRng;
use rand_distr::{Distribution, LogNormal};

/// How long an instance takes from launch until its process starts: lognormal, as EC2's boots are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boot {
    /// Half of all boots are shorter, in seconds.
    pub median_s: f64,
    /// Nine of ten are shorter, in seconds.
    pub p90_s: f64,
}

impl Boot {
    /// The benchmark's: a real instance that boots from a plain image.
    pub const EC2: Self = Self { median_s: 150.0, p90_s: 240.0 };
    /// For a person who watches.
    pub const QUICK: Self = Self { median_s: 4.0, p90_s: 6.0 };

    pub(super) fn draw_s(&self, rng: &mut StdRng) -> f64 {
        // The 90 % quantile of a lognormal is the median times e to the 1.2816 sigma.
        const Z90: f64 = 1.281_551_6;
        let sigma = (self.p90_s / self.median_s).ln().max(0.0) / Z90;
        LogNormal::new(self.median_s.ln(), sigma).map_or(self.median_s, |lognormal| lognormal.sample(rng))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn boots_have_the_median_and_the_quantile_that_were_asked_for() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut boots_s: Vec<f64> = (0..4000).map(|_| Boot::EC2.draw_s(&mut rng)).collect();
        boots_s.sort_by(f64::total_cmp);
        assert!((boots_s[2000] - 150.0).abs() < 5.0, "{}", boots_s[2000]);
        assert!((boots_s[3600] - 240.0).abs() < 10.0, "{}", boots_s[3600]);
    }
}
