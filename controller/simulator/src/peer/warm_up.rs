//! Amazon's instance warm-up.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html>

use std::collections::VecDeque;

/// An instance counts as warm this many seconds after its launch.
const WARM_UP_S: f64 = 180.0;

/// The launches of late. What warms up counts as desired when scaling out, and forbids scaling in.
#[derive(Debug, Default)]
pub(super) struct WarmUp(VecDeque<(f64, u32)>);

impl WarmUp {
    /// Notes the launch of `count` instances at `now` (seconds).
    pub(super) fn launched(&mut self, now: f64, count: u32) {
        if count > 0 {
            self.0.push_back((now, count));
        }
    }

    /// Instances that warm up at `now`.
    pub(super) fn warming(&mut self, now: f64) -> u32 {
        self.0.retain(|(launched_at, _)| now - launched_at < WARM_UP_S);
        self.0.iter().map(|(_, count)| count).sum()
    }
}
