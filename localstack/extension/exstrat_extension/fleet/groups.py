"""What a client may ask of a group. A refused request changes nothing.

Callers run `reconcile` afterwards.
"""

from exstrat_extension.fleet import targets
from exstrat_extension.fleet.capacity import NOTHING, Capacity
from exstrat_extension.fleet.causes import at, desired_changed
from exstrat_extension.fleet.departures import EC2_FAILURE, retire
from exstrat_extension.fleet.errors import ErrorCode, Refused, invalid
from exstrat_extension.fleet.model import (
    Activity,
    Fleet,
    Group,
    Instance,
    Settings,
)

PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)


def named(fleet: Fleet, name: str) -> Group:
    if group := fleet.groups.get(name):
        return group
    raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found")


def member(fleet: Fleet, instance_id: str) -> tuple[Group, Instance]:
    if found := fleet.find(instance_id):
        return found
    raise invalid(
        f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
    )


def must_be_free(fleet: Fleet, name: str) -> None:
    if name in fleet.groups:
        raise Refused(
            ErrorCode.ALREADY_EXISTS,
            "AutoScalingGroup by this name already exists - "
            f"A group with the name {name} already exists",
        )


def create(
    fleet: Fleet,
    name: str,
    capacity: Capacity,
    settings: Settings,
    target_group_arns: list[str],
    now: float,
) -> Group:
    must_be_free(fleet, name)
    cause = desired_changed("a user request created an AutoScalingGroup", 0, capacity.desired, now)
    group = Group(name, capacity, settings, list(target_group_arns), cause)
    fleet.groups[name] = group
    return group


def resizable(fleet: Fleet, name: str) -> Group:
    """A group whose size may still be changed."""
    group = named(fleet, name)
    if group.deleting:
        raise invalid(f"AutoScalingGroup {name} is pending delete")
    return group


def update(group: Group, capacity: Capacity, settings: Settings, now: float) -> None:
    if capacity.desired != group.capacity.desired:
        what = (
            "a user request update of AutoScalingGroup constraints to "
            f"min: {capacity.min_size}, max: {capacity.max_size}, desired: {capacity.desired}"
        )
        group.cause = desired_changed(what, group.capacity.desired, capacity.desired, now)
    group.capacity, group.settings = capacity, settings


def set_desired(group: Group, desired: int, now: float, *, honor_cooldown: bool) -> None:
    """Refused outside the bounds and, if asked to honour it, during the cooldown."""
    capacity = group.capacity.with_desired(desired)
    if honor_cooldown and (blocking := cooling_down(group, now)):
        raise Refused(
            ErrorCode.SCALING_ACTIVITY_IN_PROGRESS,
            f"Scaling activity {blocking.activity_id} is in progress and blocks this action",
        )
    if desired != group.capacity.desired:
        what = "a user request explicitly set group desired capacity"
        group.cause = desired_changed(what, group.capacity.desired, desired, now)
    group.capacity = capacity


def cooling_down(group: Group, now: float) -> Activity | None:
    """The activity that blocks: still in progress, or ended less than a cooldown ago."""
    last = group.last_scaling
    if last is None:
        return None
    if last.ended_at is None or now < last.ended_at + group.settings.default_cooldown_s:
        return last
    return None


def delete(group: Group, *, force: bool) -> None:
    """Without `force` only an empty group goes. The rest is `reconcile`'s."""
    if not force and group.alive():
        raise Refused(
            ErrorCode.RESOURCE_IN_USE,
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
            "instance request(s) still in the group.",
        )
    if not force and group.instances:
        raise Refused(
            ErrorCode.SCALING_ACTIVITY_IN_PROGRESS,
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress "
            "for that group.",
        )
    group.deleting, group.capacity = True, NOTHING


def terminate_instance(fleet: Fleet, instance_id: str, now: float, *, decrement: bool) -> Activity:
    """TerminateInstanceInAutoScalingGroup; with `decrement` the instance is not replaced."""
    group, instance = member(fleet, instance_id)
    if instance.termination:
        return instance.termination
    cause = (
        f"{at(now)} instance {instance_id} was taken out of service in response to a user request"
    )
    if decrement:
        before, group.capacity = group.capacity, group.capacity.shrunk_by_one()
        cause += f", shrinking the capacity from {before.desired} to {group.capacity.desired}"
    return retire(fleet, group, instance, f"{cause}.", now)


def protect(group: Group, instance_ids: list[str], protected: bool) -> None:
    for instance_id in instance_ids:
        if instance_id not in group.instances:
            raise invalid(
                f"The instance {instance_id} is not part of Auto Scaling group {group.name}."
            )
    for instance_id in instance_ids:
        group.instances[instance_id].protected_from_scale_in = protected


def set_health(
    fleet: Fleet, instance_id: str, now: float, *, healthy: bool, respect_grace: bool
) -> None:
    """SetInstanceHealth; a verdict within the grace period is ignored if asked to respect it."""
    group, instance = member(fleet, instance_id)
    since = instance.in_service_at
    in_grace = since is None or now < since + group.settings.health_check_grace_s
    if healthy:
        instance.unhealthy_because = None
    elif not (respect_grace and in_grace):
        instance.unhealthy_because = "a user health-check"


def vanished(fleet: Fleet, instance_id: str) -> None:
    """EC2 terminated an instance behind the group's back; unknown ones are nobody's loss."""
    if found := fleet.find(instance_id):
        found[1].unhealthy_because = EC2_FAILURE


def attach(fleet: Fleet, group: Group, target_group_arns: list[str]) -> None:
    for arn in target_group_arns:
        if arn not in group.target_group_arns:
            group.target_group_arns.append(arn)
            for instance in group.alive():
                if instance.port is not None:
                    targets.register(fleet, arn, instance.instance_id, instance.port)


def detach(fleet: Fleet, group: Group, target_group_arns: list[str]) -> None:
    for arn in target_group_arns:
        if arn in group.target_group_arns:
            group.target_group_arns.remove(arn)
            for instance_id in group.instances:
                targets.deregister(fleet, arn, instance_id)


def suspend(group: Group, processes: list[str], now: float) -> None:
    for process in processes or PROCESSES:
        _must_be_process(process)
        group.suspended.setdefault(process, f"User suspended {at(now).lower()}")


def resume(group: Group, processes: list[str]) -> None:
    for process in processes or list(group.suspended):
        _must_be_process(process)
        group.suspended.pop(process, None)


def _must_be_process(process: str) -> None:
    if process not in PROCESSES:
        raise invalid(f"{process} is not a valid process type. Please use {', '.join(PROCESSES)}")
