"""How an instance leaves: drained on request, or lost."""

from exstrat_extension.fleet import targets
from exstrat_extension.fleet.causes import at
from exstrat_extension.fleet.model import (
    Activity,
    ActivityStatus,
    Fleet,
    Group,
    Instance,
    LifecycleState,
)

EC2_FAILURE = "an EC2 health check indicating it has been terminated or stopped"
LONGEST_BACKOFF_S = 30.0


def retire(fleet: Fleet, group: Group, instance: Instance, cause: str, now: float) -> Activity:
    """Sends an instance on its way out: it drains first, and is gone when its process is."""
    if instance.termination is None:
        instance.state = LifecycleState.TERMINATING
        instance.launch.end(ActivityStatus.CANCELLED, now, "Terminated before it was in service.")
        what = f"Terminating EC2 instance: {instance.instance_id}"
        instance.termination = group.open_activity(instance.subnet, what, cause, now)
        targets.deregister_everywhere(fleet, instance.instance_id)
    return instance.termination


def bury(fleet: Fleet, group: Group, instance: Instance, now: float) -> None:
    """A terminating instance's process is gone, and so is the instance."""
    targets.forget(fleet, instance.instance_id)
    del group.instances[instance.instance_id]
    if instance.termination:
        instance.termination.end(ActivityStatus.SUCCESSFUL, now)


def failed(fleet: Fleet, group: Group, instance: Instance, message: str, now: float) -> None:
    """An instance ended without having been asked to, or could not be launched at all."""
    targets.forget(fleet, instance.instance_id)
    del group.instances[instance.instance_id]
    group.to_replace += 1
    if instance.in_service_at is None:
        instance.launch.end(ActivityStatus.FAILED, now, message)
        group.launch_not_before = now + launch_backoff_s(group.failed_launches)
        group.failed_launches += 1
    else:
        cause = f"{at(now)} an instance was taken out of service in response to {EC2_FAILURE}."
        retire(fleet, group, instance, cause, now).end(ActivityStatus.SUCCESSFUL, now)


def launch_backoff_s(failed_launches: int) -> float:
    """At once after the first failure, then 1, 2, 4 .. 30 s: a program that cannot start is not
    started in a loop."""
    return 0.0 if failed_launches == 0 else min(LONGEST_BACKOFF_S, 2.0 ** (failed_launches - 1))
