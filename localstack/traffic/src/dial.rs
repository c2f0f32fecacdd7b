//! An operator's hand on the load while it runs.

use tokio::sync::watch;

/// Multiplies the rate of arrivals of a running scenario (in a closed loop it divides the think time).
/// Clones turn the same dial.
#[derive(Debug, Clone)]
pub struct RateDial(watch::Sender<f64>);

impl RateDial {
    /// No more than this: a slip of the keys must not take the machine down.
    pub const FACTOR_MAX: f64 = 100.0;

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
