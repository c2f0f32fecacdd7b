//! An operator's hand on the load while it runs.

use tokio::sync::watch;

/// Multiplies the rate of arrivals of a running scenario (in a closed loop it divides the think time).
/// Clones turn the same dial.
#[derive(Debug, Clone)]
pub struct RateDial(watch::Sender<f64>);

impl RateDial {
    /// No more than this: a slip of the keys must not take the machine down.
    pub const FACTOR_MAX: f64 = 100.0;

    /// An operator turns it no lower, because from nothing there is no way back by turning.
    pub const TURNED_LEAST: f64 = 0.01;

    /// Multiplies the factor, held within [`TURNED_LEAST`](Self::TURNED_LEAST) to [`FACTOR_MAX`](Self::FACTOR_MAX).
    pub fn turn(&self, by: f64) {
        self.set((self.factor() * by).max(Self::TURNED_LEAST));
    }

    /// Sets the factor, held within 0 to [`FACTOR_MAX`](Self::FACTOR_MAX); NaN is ignored.
    pub fn set(&self, factor: f64) {
        if !factor.is_nan() {
            self.0.send_replace(factor.clamp(0.0, Self::FACTOR_MAX));
        }
    }

    /// The factor now; 1 is the scenario's own rate.
    pub fn factor(&self) -> f64 {
        *self.0.borrow()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<f64> {
        self.0.subscribe()
    }
}

impl Default for RateDial {
    fn default() -> Self {
        Self(watch::Sender::new(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_turned_down_can_be_turned_up_again() {
        let dial = RateDial::default();
        (0..1000).for_each(|_| dial.turn(1.0 / 1.2));
        dial.turn(0.0);
        dial.turn(200.0);
        assert!((dial.factor() - 2.0).abs() < 1e-9, "{}", dial.factor());
        dial.turn(1e9);
        assert!((dial.factor() - RateDial::FACTOR_MAX).abs() < 1e-9);
    }
}
