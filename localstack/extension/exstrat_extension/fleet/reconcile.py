"""What follows from the state: who is in service, who leaves, who is launched.

Level-triggered: `reconcile` compares what is with what should be, as often as it is called.
"""

from exstrat_extension.fleet import identifiers, refresh, refresh_steps
from exstrat_extension.fleet.causes import REFRESH, at, scaled
from exstrat_extension.fleet.departures import bury, retire
from exstrat_extension.fleet.model import (
    Activity,
    ActivityStatus,
    Fleet,
    Group,
    HealthCheckType,
    Instance,
    LifecycleState,
    TargetState,
)
from exstrat_extension.fleet.placement import next_subnet, next_victim

ELB_FAILURE = "an ELB system health check failure"


def reconcile(fleet: Fleet, now: float) -> None:
    """Brings every group as far towards its desired capacity as the facts allow."""
    for group in list(fleet.groups.values()):
        _promote(fleet, group, now)
        _retire_unhealthy(fleet, group, now)
        refresh_steps.proceed(fleet, group, now)
        _launch_missing(group, now)
        _retire_surplus(fleet, group, now)
        _bury_unseen(fleet, group, now)
        if group.deleting and not group.instances:
            del fleet.groups[group.name]


def _promote(fleet: Fleet, group: Group, now: float) -> None:
    for instance in group.alive():
        ready = instance.port is not None and all(
            target.state is TargetState.HEALTHY for target in fleet.targets_of(instance.instance_id)
        )
        if instance.state is LifecycleState.PENDING and ready:
            instance.state, instance.in_service_at = LifecycleState.IN_SERVICE, now
            instance.launch.end(ActivityStatus.SUCCESSFUL, now)
            group.failed_launches, group.launch_not_before = 0, 0.0


def _retire_unhealthy(fleet: Fleet, group: Group, now: float) -> None:
    if group.settings.health_check_type is HealthCheckType.ELB and group.runs("HealthCheck"):
        for instance in group.alive():
            if _fails_elb_checks(fleet, group, instance, now):
                instance.unhealthy_because = instance.unhealthy_because or ELB_FAILURE
    if not (group.runs("ReplaceUnhealthy") and group.runs("Terminate")):
        return
    for instance in group.alive():
        if reason := instance.unhealthy_because:
            cause = f"{at(now)} an instance was taken out of service in response to {reason}."
            retire(fleet, group, instance, cause, now)
            group.to_replace += 1


def _fails_elb_checks(fleet: Fleet, group: Group, instance: Instance, now: float) -> bool:
    """Unhealthy in any target group, the grace period being over.

    It counts from InService or, for an instance that never came that far, from running.
    """
    since = instance.in_service_at or instance.running_at
    if since is None or now < since + group.settings.health_check_grace_s:
        return False
    return any(
        target.state is TargetState.UNHEALTHY for target in fleet.targets_of(instance.instance_id)
    )


def _launch_missing(group: Group, now: float) -> None:
    missing = group.capacity.desired + refresh.surplus(group) - len(group.alive())
    group.to_replace = max(0, min(group.to_replace, missing))
    if not group.runs("ReplaceUnhealthy"):
        missing -= group.to_replace
    if missing <= 0 or not group.runs("Launch") or now < group.launch_not_before:
        return
    growth = scaled(group, now, growing=True)
    replacement = (
        f"{at(now)} an instance was launched in response to an unhealthy instance "
        "needing to be replaced."
    )
    for _ in range(missing):
        if group.to_replace > 0 and group.runs("ReplaceUnhealthy"):
            group.to_replace -= 1
            _launch(group, replacement, now)
        elif refresh.replaces(group):
            _launch(group, f"{at(now)} an instance was launched {REFRESH}", now)
        else:
            group.last_scaling = _launch(group, growth, now)


def _launch(group: Group, cause: str, now: float) -> Activity:
    instance_id, subnet = identifiers.instance_id(), next_subnet(group)
    launch = group.open_activity(subnet, f"Launching a new EC2 instance: {instance_id}", cause, now)
    group.instances[instance_id] = Instance(
        instance_id,
        subnet,
        now,
        launch,
        group.settings.protect_new_instances,
        refresh.launched_from(group),
    )
    return launch


def _retire_surplus(fleet: Fleet, group: Group, now: float) -> None:
    if not (group.runs("Terminate") or group.deleting):
        return
    cause = scaled(group, now, growing=False)
    kept = group.capacity.desired + refresh.surplus(group)
    while len(group.alive()) > kept and (victim := next_victim(group)):
        selected = f"{at(now)} instance {victim.instance_id} was selected for termination."
        group.last_scaling = retire(fleet, group, victim, f"{cause}  {selected}", now)


def _bury_unseen(fleet: Fleet, group: Group, now: float) -> None:
    for instance in list(group.instances.values()):
        if instance.terminating and not instance.seen:
            bury(fleet, group, instance, now)
