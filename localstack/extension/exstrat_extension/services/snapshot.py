"""GET /_fleet's answer: the fleet and the load balancers' configuration, for the data plane."""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.elbv2.models import ELBv2Backend, FakeListener, FakeLoadBalancer, FakeTargetGroup

from exstrat_extension.fleet.model import Fleet, Group, Instance, Target
from exstrat_extension.services.network import default_subnets

Json = dict[str, Any]


def snapshot(fleet: Fleet, ec2: EC2Backend, elbv2: ELBv2Backend) -> Json:
    """The whole of it. Marks every instance as seen: from now on its process may be running."""
    for group in fleet.groups.values():
        for instance in group.instances.values():
            instance.seen = True
    return {
        "network": _network(ec2),
        "groups": [
            {"name": group.name, "desired_capacity": group.capacity.desired}
            for group in fleet.groups.values()
        ],
        "instances": [
            _instance(fleet, group, instance)
            for group in fleet.groups.values()
            for instance in group.instances.values()
        ],
        "target_groups": [
            _target_group(target_group, fleet.targets.get(target_group.arn, {}))
            for target_group in elbv2.target_groups.values()
        ],
        "load_balancers": [_load_balancer(lb) for lb in elbv2.load_balancers.values()],
    }


def _network(ec2: EC2Backend) -> Json:
    vpc = ec2.get_default_vpc()
    return {
        "vpc_id": vpc.id if vpc else None,
        "subnet_ids": [subnet.subnet_id for subnet in default_subnets(ec2)],
    }


def _instance(fleet: Fleet, group: Group, instance: Instance) -> Json:
    return {
        "instance_id": instance.instance_id,
        "group": group.name,
        "availability_zone": instance.subnet.availability_zone,
        "lifecycle_state": instance.state.value,
        "launched_at": instance.launched_at,
        "port": instance.port,
        "drained": fleet.drained(instance),
    }


def _target_group(target_group: FakeTargetGroup, registered: dict[str, Target]) -> Json:
    attributes = target_group.attributes
    return {
        "arn": target_group.arn,
        "name": target_group.name,
        "load_balancing_algorithm": attributes["load_balancing.algorithm.type"],
        "deregistration_delay_s": int(attributes["deregistration_delay.timeout_seconds"]),
        "health_check": {
            "path": target_group.health_check_path or "/",
            "interval_s": int(target_group.health_check_interval_seconds),
            "timeout_s": int(target_group.health_check_timeout_seconds),
            "healthy_threshold": int(target_group.healthy_threshold_count),
            "unhealthy_threshold": int(target_group.unhealthy_threshold_count),
            "matcher": (target_group.matcher or {}).get("HttpCode", "200"),
        },
        "targets": [
            {"instance_id": instance_id, "port": target.port, "state": target.state.value}
            for instance_id, target in registered.items()
        ],
    }


def _load_balancer(load_balancer: FakeLoadBalancer) -> Json:
    idle_timeout_s = load_balancer.attrs.get("idle_timeout.timeout_seconds", "60")
    return {
        "arn": load_balancer.arn,
        "name": load_balancer.name,
        "idle_timeout_s": int(idle_timeout_s),
        "listeners": [_listener(listener) for listener in load_balancer.listeners.values()],
    }


def _listener(listener: FakeListener) -> Json:
    rules = [rule for rule in listener.rules.values() if rule.priority != "default"]
    rules.sort(key=lambda rule: int(rule.priority))
    return {
        "arn": listener.arn,
        "port": int(listener.port),
        "rules": [_rule(int(rule.priority), rule.conditions, rule.actions) for rule in rules]
        + [_rule(None, [], listener.default_actions)],
    }


def _rule(priority: int | None, conditions: list[Json], actions: list[Any]) -> Json:
    return {
        "priority": priority,
        "methods": _values(conditions, "http-request-method", "HttpRequestMethodConfig"),
        "paths": _values(conditions, "path-pattern", "PathPatternConfig"),
        "target_group_arn": _forwarded_to(actions),
    }


def _values(conditions: list[Json], field: str, config: str) -> list[str] | None:
    for condition in conditions:
        if condition.get("Field") == field:
            values = condition.get("Values") or (condition.get(config) or {}).get("Values")
            return list(values) if values else None
    return None


def _forwarded_to(actions: list[Any]) -> str | None:
    """The target group of the forward action; None for a redirect or a fixed response."""
    for action in actions:
        if action.type == "forward":
            groups = (action.data.get("ForwardConfig") or {}).get("TargetGroups") or [{}]
            arn = action.data.get("TargetGroupArn") or groups[0].get("TargetGroupArn")
            return str(arn) if arn else None
    return None
