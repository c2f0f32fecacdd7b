//! A group in four numbers.

use crate::seam::{LifecycleState, Snapshot};

/// How many instances there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct FleetCount {
    /// The group's desired capacity.
    pub desired: u32,
    /// Serving.
    pub in_service: u32,
    /// Launched and not serving yet.
    pub pending: u32,
    /// On their way out.
    pub terminating: u32,
}

impl FleetCount {
    /// Those of a group; none of a group that is not there.
    pub(crate) fn of(snapshot: &Snapshot, group: &str) -> Self {
        let count =
            |state| snapshot.instances_of(group).filter(|i| i.lifecycle_state == state).count() as u32;
        let found = snapshot.groups.iter().find(|found| found.name == group);
        Self {
            desired: found.map_or(0, |found| found.desired_capacity),
            in_service: count(LifecycleState::InService),
            pending: count(LifecycleState::Pending),
            terminating: count(LifecycleState::Terminating),
        }
    }

    /// Whatever is launched and not yet gone, serving or not.
    pub(crate) fn launched(&self) -> u32 {
        self.in_service + self.pending + self.terminating
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_desired_is_the_groups_own_and_not_what_is_there() {
        let instance = |group: &str, state: &str| {
            serde_json::json!({
                "instance_id": "i-1", "group": group, "lifecycle_state": state,
                "launched_at": 0.0, "port": null, "drained": false,
            })
        };
        let snapshot = serde_json::from_value(serde_json::json!({
            "network": { "vpc_id": "vpc-1", "subnet_ids": [] },
            "groups": [{ "name": "other", "desired_capacity": 9 }, { "name": "ours", "desired_capacity": 5 }],
            "instances": [
                instance("ours", "InService"), instance("ours", "Pending"), instance("ours", "Terminating"),
                instance("other", "InService"),
            ],
            "target_groups": [],
            "load_balancers": [],
        }));
        let fleet = FleetCount::of(&snapshot.unwrap(), "ours");
        assert_eq!(fleet, FleetCount { desired: 5, in_service: 1, pending: 1, terminating: 1 });
        assert_eq!(fleet.launched(), 3);
    }
}
