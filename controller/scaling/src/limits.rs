//! What an ask must pass before it becomes the desired capacity. Every limit that changes it names itself.

use crate::decision::{Limit, LimitKind};
use crate::observation::Fleet;
use crate::policy::Policy;

/// The sizes that are allowed: the group's own bounds, narrowed by the policy's.
///
/// Where the two contradict each other the group's win, because AWS would refuse anything else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: u32,
    pub(crate) max: u32,
}

impl Bounds {
    pub(crate) fn of(policy: &Policy, fleet: &Fleet) -> Self {
        let (floor, ceiling) = (fleet.min.min(fleet.max), fleet.max);
        let max = policy.max.unwrap_or(ceiling).clamp(floor, ceiling);
        let min = policy.min.unwrap_or(floor).clamp(floor, max);
        Self { min, max }
    }
}

/// An ask on its way through the limits.
pub(crate) struct Passage {
    pub(crate) instances: u32,
    pub(crate) bound_by: Vec<Limit>,
}

impl Passage {
    /// Limits a scale-out from `desired`.
    pub(crate) fn out(policy: &Policy, bounds: Bounds, desired: u32, asked: u32) -> Self {
        let step = policy.scale_out_step.unwrap_or(u32::MAX);
        Self { instances: asked, bound_by: Vec::new() }
            .limit(LimitKind::ScaleOutStep, |n| n.min(desired.saturating_add(step)))
            .limit(LimitKind::Maximum, |n| n.min(bounds.max.max(desired)))
    }

    /// Limits a scale-in from `desired` to what at most a share of the fleet makes up.
    pub(crate) fn into_fewer(bounds: Bounds, desired: u32, asked: u32, share: f64) -> Self {
        let step = ((f64::from(desired) * share).floor() as u32).max(1);
        Self { instances: asked, bound_by: Vec::new() }
            .limit(LimitKind::Minimum, |n| n.max(bounds.min.min(desired)))
            .limit(LimitKind::ScaleInStep, |n| n.max(desired.saturating_sub(step)))
    }

    fn limit(mut self, kind: LimitKind, allow: impl Fn(u32) -> u32) -> Self {
        let (asked, allowed) = (self.instances, allow(self.instances));
        if asked != allowed {
            self.bound_by.push(Limit { kind, asked, allowed });
            self.instances = allowed;
        }
        self
    }
}
