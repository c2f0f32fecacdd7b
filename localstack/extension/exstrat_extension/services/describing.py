"""The fleet in the words of the Auto Scaling API."""

import json
from datetime import UTC, datetime
from typing import Any

from exstrat_extension.fleet.errors import invalid
from exstrat_extension.fleet.model import Activity, Group, Instance

Response = dict[str, Any]

PAGE = 100
"""Activities per page, AWS's default and maximum."""


def moving(group: Group, source: Response) -> Response:
    """The part of a group's description that the fleet knows better than moto.

    `source` is what the instances show that were launched from the group's launch configuration.
    """
    settings = group.settings
    response: Response = {
        "MinSize": group.capacity.min_size,
        "MaxSize": group.capacity.max_size,
        "DesiredCapacity": group.capacity.desired,
        "DefaultCooldown": settings.default_cooldown_s,
        "HealthCheckType": settings.health_check_type.value,
        "HealthCheckGracePeriod": settings.health_check_grace_s,
        "TerminationPolicies": [policy.value for policy in settings.termination_policies],
        "NewInstancesProtectedFromScaleIn": settings.protect_new_instances,
        "TargetGroupARNs": list(group.target_group_arns),
        "SuspendedProcesses": [
            {"ProcessName": process, "SuspensionReason": reason}
            for process, reason in sorted(group.suspended.items())
        ],
        "Instances": [_instance(instance, source) for instance in group.instances.values()],
    }
    if group.deleting:
        response["Status"] = "Delete in progress"
    return response


def instance_of_group(group: Group, instance: Instance, source: Response) -> Response:
    """DescribeAutoScalingInstances' view, whose health is in capitals."""
    described = _instance(instance, source)
    described["HealthStatus"] = described["HealthStatus"].upper()
    return described | {"AutoScalingGroupName": group.name}


def activities(chosen: list[Group], request: Response) -> Response:
    """One page of activities, newest first. The token is an activity's identifier."""
    asked = request.get("ActivityIds") or []
    found = [
        candidate
        for group in chosen
        for candidate in reversed(group.activities)
        if not asked or candidate.activity_id in asked
    ]
    found.sort(key=lambda candidate: candidate.started_at, reverse=True)
    start = _position(found, request.get("NextToken"))
    end = start + min(request.get("MaxRecords") or PAGE, PAGE)
    response: Response = {"Activities": [activity(candidate) for candidate in found[start:end]]}
    if end < len(found):
        response["NextToken"] = found[end].activity_id
    return response


def activity(described: Activity) -> Response:
    details = {
        "Subnet ID": described.subnet.subnet_id,
        "Availability Zone": described.subnet.availability_zone,
    }
    response: Response = {
        "ActivityId": described.activity_id,
        "AutoScalingGroupName": described.group,
        "Description": described.description,
        "Cause": described.cause,
        "StartTime": _time(described.started_at),
        "StatusCode": described.status.value,
        "Progress": described.progress_percent,
        "Details": json.dumps(details),
    }
    if described.ended_at is not None:
        response["EndTime"] = _time(described.ended_at)
    if described.message is not None:
        response["StatusMessage"] = described.message
    return response


def _position(found: list[Activity], token: str | None) -> int:
    if token is None:
        return 0
    for index, candidate in enumerate(found):
        if candidate.activity_id == token:
            return index
    raise invalid(f"Invalid NextToken: {token}")


def _instance(instance: Instance, source: Response) -> Response:
    response = {
        "InstanceId": instance.instance_id,
        "AvailabilityZone": instance.subnet.availability_zone,
        "LifecycleState": instance.state.value,
        "HealthStatus": "Unhealthy" if instance.unhealthy_because else "Healthy",
        "ProtectedFromScaleIn": instance.protected_from_scale_in,
    }
    if (configuration := instance.configuration) is None:
        return response | source
    template = {
        "LaunchTemplateId": configuration.template_id,
        "LaunchTemplateName": configuration.template_name,
        "Version": configuration.version,
    }
    return response | {"InstanceType": source["InstanceType"], "LaunchTemplate": template}


def _time(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
