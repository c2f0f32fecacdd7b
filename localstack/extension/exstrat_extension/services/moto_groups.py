"""moto's Auto Scaling groups, reduced to a register of settings.

moto keeps what does not move: launch configurations, tags, policies, hooks. Left alone it would
launch and register instances of its own; here the fleet does.
"""

from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup

from exstrat_extension.fleet.groups import vanished
from exstrat_extension.services.home import Home


def reduce_to_register(home: Home) -> None:
    """Patches moto once; from then on its groups have no instances."""

    def record_only(group: FakeAutoScalingGroup, new_capacity: int | None) -> None:
        group.desired_capacity = new_capacity

    def leave_targets_alone(backend: AutoScalingBackend, group_name: str) -> None:
        pass

    def notice(backend: AutoScalingBackend, instance_ids: list[str]) -> None:
        with home.acting() as (fleet, _):
            for instance_id in instance_ids:
                vanished(fleet, instance_id)

    patched: Any = FakeAutoScalingGroup
    patched.set_desired_capacity = record_only
    patched = AutoScalingBackend
    patched.update_attached_target_groups = leave_targets_alone
    patched.notify_terminate_instances = notice
