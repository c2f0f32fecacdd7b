"""Auto Scaling: the group's size and its instances.

Every request is checked against the fleet first, then written down; moto keeps the settings that
do not move (`moto_groups`) and answers for everything that is not here.
"""

from typing import Any

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse, handler
from localstack.services.moto import call_moto

from exstrat_extension.fleet import groups, refresh
from exstrat_extension.fleet.capacity import Capacity
from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.errors import ErrorCode, Refused, invalid
from exstrat_extension.fleet.model import Group
from exstrat_extension.services import configurations, describing
from exstrat_extension.services.group_settings import DEFAULTS, REMEMBERED, settings_from
from exstrat_extension.services.home import Home
from exstrat_extension.services.moto_backed import MotoBacked
from exstrat_extension.services.moto_groups import reduce_to_register
from exstrat_extension.services.refreshes import InstanceRefreshes

Response = dict[str, Any]

NOT_MODELLED = frozenset(
    {
        "AttachInstances",
        "CompleteLifecycleAction",
        "DetachInstances",
        "EnterStandby",
        "ExecutePolicy",
        "ExitStandby",
    }
)
"""moto would answer these and change nothing that is seen here; better none than a wrong answer."""


LAUNCH_SOURCES = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy")


class AutoScaling(InstanceRefreshes, MotoBacked):
    service = "autoscaling"

    def __init__(self, home: Home) -> None:
        self._home = home
        reduce_to_register(home)

    def forward(self, context: RequestContext, request: ServiceRequest) -> ServiceResponse:
        """moto's operations, which crash on a group they do not know."""
        if context.operation.name in NOT_MODELLED:
            raise NotImplementedError(f"{context.operation.name} is not available here.")
        with self._home.acting() as (fleet, _):
            names = [tag.get("ResourceId") for tag in request.get("Tags") or []]
            for name in [request.get("AutoScalingGroupName"), *names]:
                if name is not None:
                    groups.named(fleet, name)
            return call_moto(context)

    @handler("CreateAutoScalingGroup", expand=False)
    def create_auto_scaling_group(
        self, context: RequestContext, request: ServiceRequest
    ) -> Response:
        with self._home.acting() as (fleet, now):
            name, min_size = request["AutoScalingGroupName"], request["MinSize"]
            groups.must_be_free(fleet, name)
            desired = request.get("DesiredCapacity")
            capacity = Capacity(
                min_size, request["MaxSize"], min_size if desired is None else desired
            )
            self._must_launch_from_what_exists(request)
            settings = settings_from(request, None, self._home.ec2)
            arns = self._existing_target_groups(request)
            call_moto(context)
            self._remember(name, request)
            group = groups.create(fleet, name, capacity, settings, arns, now)
            group.configuration = self._configuration_in_moto(name)
        return {}

    @handler("UpdateAutoScalingGroup", expand=False)
    def update_auto_scaling_group(
        self, context: RequestContext, request: ServiceRequest
    ) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.resizable(fleet, request["AutoScalingGroupName"])
            capacity = group.capacity.with_bounds(
                request.get("MinSize"), request.get("MaxSize"), request.get("DesiredCapacity")
            )
            self._must_launch_from_what_exists(request)
            if any(request.get(key) for key in LAUNCH_SOURCES):
                refresh.must_leave_configuration(group)
            settings = settings_from(request, group.settings, self._home.ec2)
            self._update_moto(context, request)
            self._remember(group.name, request)
            groups.update(group, capacity, settings, now)
            if any(request.get(key) for key in LAUNCH_SOURCES):
                group.configuration = self._configuration_in_moto(group.name)
        return {}

    @handler("DeleteAutoScalingGroup", expand=False)
    def delete_auto_scaling_group(
        self, context: RequestContext, request: ServiceRequest
    ) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.delete(group, force=bool(request.get("ForceDelete")))
        return {}

    @handler("SetDesiredCapacity", expand=False)
    def set_desired_capacity(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.resizable(fleet, request["AutoScalingGroupName"])
            groups.set_desired(
                group,
                request["DesiredCapacity"],
                now,
                honor_cooldown=bool(request.get("HonorCooldown")),
            )
        return {}

    @handler("TerminateInstanceInAutoScalingGroup", expand=False)
    def terminate_instance(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            activity = groups.terminate_instance(
                fleet,
                request["InstanceId"],
                now,
                decrement=bool(request["ShouldDecrementDesiredCapacity"]),
            )
            return {"Activity": describing.activity(activity)}

    @handler("SetInstanceProtection", expand=False)
    def set_instance_protection(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.protect(group, request["InstanceIds"], bool(request["ProtectedFromScaleIn"]))
        return {}

    @handler("SetInstanceHealth", expand=False)
    def set_instance_health(self, context: RequestContext, request: ServiceRequest) -> Response:
        status = request["HealthStatus"]
        with self._home.acting() as (fleet, now):
            if status not in ("Healthy", "Unhealthy"):
                raise invalid("Valid instance health states are: [Healthy, Unhealthy].")
            groups.set_health(
                fleet,
                request["InstanceId"],
                now,
                healthy=status == "Healthy",
                respect_grace=request.get("ShouldRespectGracePeriod", True),
            )
        return {}

    @handler("AttachLoadBalancerTargetGroups", expand=False)
    def attach_target_groups(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.attach(fleet, group, self._existing_target_groups(request))
        return {}

    @handler("DetachLoadBalancerTargetGroups", expand=False)
    def detach_target_groups(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.detach(fleet, group, request["TargetGroupARNs"])
        return {}

    @handler("SuspendProcesses", expand=False)
    def suspend_processes(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.suspend(group, request.get("ScalingProcesses") or [], now)
        return {}

    @handler("ResumeProcesses", expand=False)
    def resume_processes(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            groups.resume(group, request.get("ScalingProcesses") or [])
        return {}

    @handler("PutScalingPolicy", expand=False)
    def put_scaling_policy(self, context: RequestContext, request: ServiceRequest) -> Response:
        """moto keeps it, and does not tell its ARN."""
        with self._home.acting() as (fleet, _):
            groups.named(fleet, request["AutoScalingGroupName"])
            call_moto(context)
            policy = self._home.autoscaling.policies[request["PolicyName"]]
            policy.enabled = request.get("Enabled", True)
            return {"PolicyARN": policy.arn, "Alarms": []}

    @handler("DescribePolicies", expand=False)
    def describe_policies(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting():
            response: Response = dict(call_moto(context))
            policies = self._home.autoscaling.policies
            response["ScalingPolicies"] = [
                _said(described) | {"Enabled": policies[described["PolicyName"]].enabled}
                for described in response.get("ScalingPolicies") or []
            ]
            return response

    @handler("DescribeAutoScalingGroups", expand=False)
    def describe_groups(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            response: Response = dict(call_moto(context))
            response["AutoScalingGroups"] = [
                _with_one_source(described)
                | self._moving(fleet.groups[described["AutoScalingGroupName"]])
                for described in response.get("AutoScalingGroups") or []
            ]
            return response

    @handler("DescribeAutoScalingInstances", expand=False)
    def describe_instances(self, context: RequestContext, request: ServiceRequest) -> Response:
        asked = request.get("InstanceIds") or []
        with self._home.acting() as (fleet, _):
            return {
                "AutoScalingInstances": [
                    describing.instance_of_group(group, instance, self._launch_source(group))
                    for group in fleet.groups.values()
                    for instance in group.instances.values()
                    if not asked or instance.instance_id in asked
                ]
            }

    @handler("DescribeLoadBalancerTargetGroups", expand=False)
    def describe_target_groups(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            return {
                "LoadBalancerTargetGroups": [
                    {"LoadBalancerTargetGroupARN": arn, "State": "InService"}
                    for arn in group.target_group_arns
                ]
            }

    @handler("DescribeScalingActivities", expand=False)
    def describe_activities(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            name = request.get("AutoScalingGroupName")
            chosen = [groups.named(fleet, name)] if name else list(fleet.groups.values())
            return describing.activities(chosen, request)

    @handler("CreateLaunchConfiguration", expand=False)
    def create_launch_configuration(
        self, context: RequestContext, request: ServiceRequest
    ) -> ServiceResponse:
        with self._home.acting():
            name = request["LaunchConfigurationName"]
            if name in self._home.autoscaling.launch_configurations:
                raise Refused(
                    ErrorCode.ALREADY_EXISTS,
                    "Launch Configuration by this name already exists - "
                    f"A launch configuration already exists with the name {name}",
                )
            return call_moto(context)

    @handler("DeleteLaunchConfiguration", expand=False)
    def delete_launch_configuration(
        self, context: RequestContext, request: ServiceRequest
    ) -> ServiceResponse:
        with self._home.acting():
            name = request["LaunchConfigurationName"]
            self._must_exist(name)
            for group in self._home.autoscaling.autoscaling_groups.values():
                if group.launch_config and group.launch_config.name == name:
                    raise Refused(
                        ErrorCode.RESOURCE_IN_USE,
                        f"Cannot delete launch configuration {name} because it is attached to "
                        f"AutoScalingGroup {group.name}",
                    )
            return call_moto(context)

    def _moving(self, group: Group) -> Response:
        kept = self._home.remembered.get(group.name, {})
        return DEFAULTS | kept | describing.moving(group, self._launch_source(group))

    def _launch_source(self, group: Group) -> Response:
        """What an instance of the group shows that was launched from a launch configuration."""
        kept = self._home.autoscaling.autoscaling_groups[group.name]
        source = {"InstanceType": kept.instance_type}
        if kept.launch_config:
            source["LaunchConfigurationName"] = kept.launch_config.name
        return source

    def _configuration_in_moto(self, name: str) -> Configuration | None:
        return configurations.of_group(self._home.autoscaling.autoscaling_groups[name])

    def _existing_target_groups(self, request: ServiceRequest) -> list[str]:
        arns: list[str] = request.get("TargetGroupARNs") or []
        if any(arn not in self._home.elbv2.target_groups for arn in arns):
            raise invalid(
                "Provided Target Groups may not be valid. Please ensure they exist and try again."
            )
        return arns

    def _must_launch_from_what_exists(self, request: ServiceRequest) -> None:
        if name := request.get("LaunchConfigurationName"):
            self._must_exist(name)

    def _must_exist(self, launch_configuration: str) -> None:
        if launch_configuration not in self._home.autoscaling.launch_configurations:
            raise invalid(
                "Launch configuration name not found - A launch configuration with the name: "
                f"{launch_configuration} does not exist"
            )

    def _update_moto(self, context: RequestContext, request: ServiceRequest) -> None:
        """moto forgets a mixed instances policy that an update does not repeat."""
        kept = self._home.autoscaling.autoscaling_groups[request["AutoScalingGroupName"]]
        policy = kept.mixed_instances_policy
        call_moto(context)
        if not (request.get("LaunchConfigurationName") or request.get("LaunchTemplate")):
            kept.mixed_instances_policy = request.get("MixedInstancesPolicy") or policy

    def _remember(self, name: str, request: ServiceRequest) -> None:
        kept = self._home.remembered.setdefault(name, {})
        kept |= {key: request[key] for key in REMEMBERED if request.get(key) is not None}


def _with_one_source(described: Response) -> Response:
    """moto shows the launch template of a mixed instances policy beside it, too."""
    doubled = "LaunchTemplate" if described.get("MixedInstancesPolicy") else None
    return {key: value for key, value in described.items() if key != doubled}


def _said(described: Response) -> Response:
    """A description without the empty structures that moto adds, which would be settings."""
    return {key: value for key, value in described.items() if value != {}}
