"""Registering targets and reporting their health, with AWS's reasons and descriptions."""

from exstrat_extension.fleet.model import Fleet, Target, TargetState

REGISTRATION_IN_PROGRESS = "Elb.RegistrationInProgress"
FAILED_HEALTH_CHECKS = "Target.FailedHealthChecks"
DEREGISTRATION_IN_PROGRESS = "Target.DeregistrationInProgress"
NOT_REGISTERED = "Target.NotRegistered"

DESCRIPTIONS = {
    REGISTRATION_IN_PROGRESS: "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.ResponseCodeMismatch": "Health checks failed with an unexpected response code",
    "Target.Timeout": "Request timed out",
    FAILED_HEALTH_CHECKS: "Health checks failed",
    DEREGISTRATION_IN_PROGRESS: "Target deregistration is in progress",
    NOT_REGISTERED: "Target is not registered to the target group",
}
"""AWS's sentence for each reason code."""


def register(fleet: Fleet, target_group_arn: str, instance_id: str, port: int) -> None:
    """Starts as `initial`. A registered target stays as it is, a draining one starts again."""
    registered = fleet.targets.setdefault(target_group_arn, {})
    known = registered.get(instance_id)
    if known is None or known.state is TargetState.DRAINING:
        registered[instance_id] = Target(port, TargetState.INITIAL, REGISTRATION_IN_PROGRESS)


def deregister(fleet: Fleet, target_group_arn: str, instance_id: str) -> None:
    """Drains a target. It leaves with `drained`, not by itself."""
    if target := fleet.targets.get(target_group_arn, {}).get(instance_id):
        target.state, target.reason = TargetState.DRAINING, DEREGISTRATION_IN_PROGRESS


def deregister_everywhere(fleet: Fleet, instance_id: str) -> None:
    for target_group_arn in fleet.targets:
        deregister(fleet, target_group_arn, instance_id)


def forget(fleet: Fleet, instance_id: str) -> None:
    """A target without a process has nothing to drain."""
    for registered in fleet.targets.values():
        registered.pop(instance_id, None)


def delete_target_group(fleet: Fleet, target_group_arn: str) -> None:
    """Its targets are gone without draining, and no group is attached to it any more."""
    fleet.targets.pop(target_group_arn, None)
    for group in fleet.groups.values():
        if target_group_arn in group.target_group_arns:
            group.target_group_arns.remove(target_group_arn)


def report_health(
    fleet: Fleet, target_group_arn: str, instance_id: str, healthy: bool, reason: str | None
) -> bool:
    """Writes a health check's verdict down; False if the target is unknown. Draining stays."""
    target = fleet.targets.get(target_group_arn, {}).get(instance_id)
    if target is None:
        return False
    if target.state is not TargetState.DRAINING:
        target.state = TargetState.HEALTHY if healthy else TargetState.UNHEALTHY
        target.reason = None if healthy else reason or FAILED_HEALTH_CHECKS
    return True


def drained(fleet: Fleet, target_group_arn: str, instance_id: str) -> bool:
    """Removes a draining target; False if there is none."""
    registered = fleet.targets.get(target_group_arn, {})
    target = registered.get(instance_id)
    if target is None or target.state is not TargetState.DRAINING:
        return False
    del registered[instance_id]
    return True
