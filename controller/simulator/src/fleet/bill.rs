//! What a run has cost.

/// Instance-seconds, by what they were for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Seconds of one running instance, those of standing by included at their share.
    pub instance_s: f64,
    /// The part of them that is for standing by.
    pub standby_s: f64,
}

impl Bill {
    pub(super) fn run(&mut self, seconds: f64) {
        self.instance_s += seconds;
    }

    pub(super) fn stand_by(&mut self, seconds: f64) {
        self.instance_s += seconds;
        self.standby_s += seconds;
    }
}
