"""Elastic Load Balancing v2: moto keeps the load balancers, the fleet keeps the targets' health."""

from collections.abc import Iterable
from typing import Any

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse, handler
from localstack.services.moto import call_moto
from moto.elbv2.models import FakeTargetGroup

from exstrat_extension.fleet import targets
from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.model import Fleet, Target
from exstrat_extension.services.home import Home
from exstrat_extension.services.moto_backed import MotoBacked

Response = dict[str, Any]


class ElasticLoadBalancing(MotoBacked):
    service = "elbv2"

    def __init__(self, home: Home) -> None:
        self._home = home

    def forward(self, context: RequestContext, request: ServiceRequest) -> ServiceResponse:
        with self._home.lock:
            return call_moto(context)

    @handler("RegisterTargets", expand=False)
    def register_targets(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            target_group = self._target_group(request)
            ports = {
                target["Id"]: self._port(fleet, target_group, target)
                for target in request["Targets"]
            }
            for instance_id, port in ports.items():
                targets.register(fleet, target_group.arn, instance_id, port)
        return {}

    @handler("DeregisterTargets", expand=False)
    def deregister_targets(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            target_group = self._target_group(request)
            for target in request["Targets"]:
                targets.deregister(fleet, target_group.arn, target["Id"])
        return {}

    @handler("DescribeTargetHealth", expand=False)
    def describe_target_health(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, _):
            target_group = self._target_group(request)
            registered = fleet.targets.get(target_group.arn, {})
            asked = [target["Id"] for target in request.get("Targets") or []]
            return {
                "TargetHealthDescriptions": list(_described(target_group, registered, asked)),
            }

    @handler("DeleteTargetGroup", expand=False)
    def delete_target_group(
        self, context: RequestContext, request: ServiceRequest
    ) -> ServiceResponse:
        with self._home.acting() as (fleet, _):
            response = call_moto(context)
            targets.delete_target_group(fleet, request["TargetGroupArn"])
            return response

    def _target_group(self, request: ServiceRequest) -> FakeTargetGroup:
        arn = request["TargetGroupArn"]
        if target_group := self._home.elbv2.target_groups.get(arn):
            return target_group
        raise Refused(ErrorCode.TARGET_GROUP_NOT_FOUND, f"Target groups '{arn}' not found")

    def _port(self, fleet: Fleet, target_group: FakeTargetGroup, target: Response) -> int:
        """A group's instance listens where its process does, another target where it was told."""
        instance_id = target["Id"]
        if found := fleet.find(instance_id):
            if found[1].port is None or found[1].terminating:
                raise _not_running(instance_id)
            return found[1].port
        instance = self._home.ec2.get_instance_by_id(instance_id)
        if instance is None or instance.state != "running":
            raise _not_running(instance_id)
        return int(target.get("Port") or target_group.port)


def _not_running(instance_id: str) -> Refused:
    return Refused(
        ErrorCode.INVALID_TARGET,
        f"The following targets are not in a running state and cannot be registered: "
        f"'{instance_id}'",
    )


def _described(
    target_group: FakeTargetGroup, registered: dict[str, Target], asked: list[str]
) -> Iterable[Response]:
    for instance_id in asked or list(registered):
        target = registered.get(instance_id)
        port = target.port if target else int(target_group.port)
        state = target.state.value if target else "unused"
        reason = target.reason if target else targets.NOT_REGISTERED
        health = {"State": state}
        if reason:
            health |= {"Reason": reason, "Description": targets.DESCRIPTIONS.get(reason, reason)}
        yield {
            "Target": {"Id": instance_id, "Port": port},
            "HealthCheckPort": str(port),
            "TargetHealth": health,
        }
