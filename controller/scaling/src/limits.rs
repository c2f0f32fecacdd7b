//! What an ask must pass before it becomes the desired capacity. Every limit that changes it names itself.

use crate::decision::{Limit, LimitKind};
use crate::observation::Fleet;
use crate::policy::Policy;
use crate::spending::Spending;

/// The sizes that are allowed: the group's own bounds, narrowed by the policy's and by what may be spent.
///
/// Where they contradict each other the group's win, because AWS would refuse anything else, then the minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// What sets the maximum.
    pub(crate) max_by: LimitKind,
}

impl Bounds {
    pub(crate) fn of(policy: &Policy, spending: &Spending, fleet: &Fleet, now: f64) -> Self {
        let (floor, ceiling) = (fleet.min.min(fleet.max), fleet.max);
        let max = policy.max.unwrap_or(ceiling).clamp(floor, ceiling);
        let min = policy.min.unwrap_or(floor).clamp(floor, max);
        let unpaid = Self { min, max, max_by: LimitKind::Maximum };
        match spending.allows(policy, min, now) {
            Some((paid, by)) if paid < max => Self { max: paid.max(min), max_by: by, ..unpaid },
            _ => unpaid,
        }
    }

    /// Whether the maximum is what may be spent.
    pub(crate) fn max_is_paid(&self) -> bool {
        matches!(self.max_by, LimitKind::HourlyBudget | LimitKind::MonthlyBudget)
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
            .limit(bounds.max_by, |n| n.min(bounds.max.max(desired)))
    }

    /// Limits a scale-in from `desired` to what at most a share of the fleet makes up.
    pub(crate) fn into_fewer(bounds: Bounds, desired: u32, asked: u32, share: f64) -> Self {
        let step = ((f64::from(desired) * share).floor() as u32).max(1);
        Self { instances: asked, bound_by: Vec::new() }
            .limit(LimitKind::Minimum, |n| n.max(bounds.min.min(desired)))
            .limit(LimitKind::ScaleInStep, |n| n.max(desired.saturating_sub(step)))
    }

    pub(crate) fn limit(mut self, kind: LimitKind, allow: impl Fn(u32) -> u32) -> Self {
        let (asked, allowed) = (self.instances, allow(self.instances));
        if asked != allowed {
            self.bound_by.push(Limit { kind, asked, allowed, risk: None });
            self.instances = allowed;
        }
        self
    }
}
