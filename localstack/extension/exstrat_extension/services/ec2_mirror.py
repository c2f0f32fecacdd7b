"""EC2's view of the fleet: DescribeInstances shows what Auto Scaling launched.

It follows the fleet and decides nothing, but it may find that an instance cannot be launched. An
instance is `pending` until its process listens, then `running`, and `terminated` when it is gone.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup
from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend
from moto.ec2.models import instances as moto_instances

from exstrat_extension.fleet.model import Fleet, Group, Instance

STATE_CODES = {"pending": 0, "running": 16}
GROUP_TAG = "aws:autoscaling:groupName"


_LAUNCHING: ContextVar[str | None] = ContextVar("launching", default=None)
"""The identifier of what this thread launches; moto would draw another."""


def _instance_id(draw: Callable[[], str] = moto_instances.random_instance_id) -> str:
    return _LAUNCHING.get() or draw()


moto_instances.random_instance_id = _instance_id


@dataclass(frozen=True)
class LaunchFailure:
    """EC2 did not take an instance: what it launches from names something that is not there."""

    group: Group
    instance: Instance
    message: str


class Ec2Mirror:
    """Applies the difference between the fleet now and the fleet at the last call to moto's EC2."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}

    def follow(
        self, fleet: Fleet, ec2: EC2Backend, autoscaling: AutoScalingBackend
    ) -> list[LaunchFailure]:
        """Launches, marks and terminates what changed; nothing to do costs next to nothing."""
        failures = []
        instances = {
            i.instance_id: (g, i) for g in fleet.groups.values() for i in g.instances.values()
        }
        for instance_id in self._shown.keys() - instances.keys():
            ec2.terminate_instances([instance_id])
            del self._shown[instance_id]
        for instance_id, (group, instance) in instances.items():
            state = "pending" if instance.port is None else "running"
            if instance_id not in self._shown:
                try:
                    _launch(ec2, autoscaling.autoscaling_groups[group.name], instance)
                except Exception as error:  # moto fails in many ways, not only with its own errors
                    failures.append(LaunchFailure(group, instance, _status_reason(error)))
                    continue
            if self._shown.get(instance_id) != state:
                _show(ec2, instance_id, state)
                self._shown[instance_id] = state
        return failures


def _status_reason(error: Exception) -> str:
    return f"{getattr(error, 'message', None) or error!r} Launching EC2 instance failed."


def _launch(ec2: EC2Backend, group: FakeAutoScalingGroup, instance: Instance) -> None:
    source = _launch_source(ec2, group, instance)
    for security_group in source.security_groups or []:
        if ec2.get_security_group_by_name_or_id(security_group) is None:
            raise InvalidSecurityGroupNotFoundError(security_group)
    own_tags = source.instance_tags if instance.configuration else {}
    tags = group.get_propagated_tags() | own_tags | {GROUP_TAG: group.name}
    token = _LAUNCHING.set(instance.instance_id)
    try:
        ec2.run_instances(
            source.image_id,
            1,
            source.user_data,
            source.security_groups or [],
            instance_type=source.instance_type,
            tags={"instance": tags},
            launch_template=_launch_template(instance),
            is_instance_type_default=False,
            subnet_id=instance.subnet.subnet_id,
            region_name=ec2.region_name,
        )
    finally:
        _LAUNCHING.reset(token)


def _show(ec2: EC2Backend, instance_id: str, state: str) -> None:
    ec2.get_instance(instance_id)._state = moto_instances.InstanceState(state, STATE_CODES[state])


def _launch_source(ec2: EC2Backend, group: FakeAutoScalingGroup, instance: Instance) -> Any:
    """The version of a launch template, or the group's launch configuration: they read alike."""
    if (configuration := instance.configuration) is None:
        return group.launch_config
    template = ec2.get_launch_template(configuration.template_id)
    return template.get_version(configuration.version)


def _launch_template(instance: Instance) -> dict[str, Any] | None:
    if (configuration := instance.configuration) is None:
        return None
    return {"LaunchTemplateId": configuration.template_id, "Version": configuration.version}
