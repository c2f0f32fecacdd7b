//! The fleet sizes that are weighed against each other: each one while fleets are small, then in steps of 7 %.

/// Enough for two thousand instances.
pub(crate) const RUNGS: usize = 96;

/// The sizes, ascending from 1.
pub(crate) const SIZES: [u32; RUNGS] = sizes();

const fn sizes() -> [u32; RUNGS] {
    let mut sizes = [1; RUNGS];
    let mut rung = 1;
    while rung < RUNGS {
        let below = sizes[rung - 1];
        sizes[rung] = below + if below < 28 { 1 } else { below / 14 };
        rung += 1;
    }
    sizes
}

/// A rung's fleet size.
pub(crate) fn size(rung: usize) -> u32 {
    SIZES.get(rung).copied().unwrap_or(u32::MAX)
}

/// The lowest rung that is at least so high; the top for what is above all.
pub(crate) fn rung_for(instances: u32) -> usize {
    SIZES.partition_point(|size| *size < instances).min(RUNGS - 1)
}

/// Logarithms in thousandths, which is what is remembered of rates and surprises.
pub(crate) fn thousandths(logarithm: f64) -> i16 {
    (logarithm * 1_000.0).round().clamp(-32_000.0, 32_000.0) as i16
}

/// The widest surprise that is told from a wider one: a factor of 50 either way.
pub(crate) const WIDEST: i32 = 4_000;

/// Which rung is needed when the demand surprises by so much, looked up because it is asked thousands of times.
pub(crate) struct Needed {
    rungs: Vec<u8>,
    /// The largest surprise that each rung suffices for.
    covered: [i32; RUNGS],
}

impl Needed {
    /// For a demand expected at `exp(centre)` requests per second and instances that serve `critical_per_s` each.
    pub(crate) fn new(centre: f64, critical_per_s: f64) -> Self {
        let covered = SIZES.map(|size| {
            let covered = (f64::from(size) * critical_per_s).ln() - centre;
            (covered * 1_000.0).clamp(f64::from(-WIDEST) - 1.0, f64::from(WIDEST)).floor() as i32
        });
        let mut rungs = Vec::with_capacity(2 * WIDEST as usize + 1);
        for (rung, covered) in covered.iter().enumerate() {
            rungs.resize(rungs.len().max((covered + WIDEST + 1) as usize), rung as u8);
        }
        rungs.resize(2 * WIDEST as usize + 1, RUNGS as u8);
        Self { rungs, covered }
    }

    /// The smallest surprise, in thousandths of a logarithm, for which each rung is too low.
    pub(crate) fn too_much(&self) -> [i32; RUNGS] {
        self.covered.map(|covered| (covered + 1).min(WIDEST))
    }

    /// The lowest rung that suffices for a demand whose logarithm is known; [`RUNGS`] if none does.
    pub(crate) fn rung_of(level: f64, critical_per_s: f64) -> usize {
        let instances = level.exp() / critical_per_s;
        SIZES.partition_point(|size| f64::from(*size) < instances)
    }

    /// The lowest rung that suffices after a surprise; [`RUNGS`] if none does.
    pub(crate) fn rung(&self, surprise: i16) -> usize {
        let place = (i32::from(surprise).clamp(-WIDEST, WIDEST) + WIDEST) as usize;
        self.rungs.get(place).map_or(RUNGS, |rung| usize::from(*rung))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_rises_by_at_most_a_fourteenth_or_one() {
        assert_eq!(SIZES[..28], std::array::from_fn::<u32, 28, _>(|i| i as u32 + 1)[..]);
        assert!(SIZES.windows(2).all(|two| two[1] > two[0] && two[1] - two[0] <= 1.max(two[0] / 14)));
        assert!(SIZES[RUNGS - 1] > 2_000);
    }

    #[test]
    fn a_surprise_needs_the_rung_that_covers_it() {
        let needed = Needed::new(100.0_f64.ln(), 20.0);
        let size = |factor: f64| SIZES[needed.rung(thousandths(factor.ln()))];
        assert_eq!((size(0.99), size(1.01), size(2.01), size(0.1)), (5, 6, 11, 1));
        assert_eq!(needed.rung(i16::MAX), needed.rung(4_000));
    }
}
