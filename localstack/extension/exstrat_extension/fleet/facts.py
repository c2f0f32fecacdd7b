"""Facts: what the data plane saw. A report is applied as a whole or, if malformed, not at all."""

from dataclasses import dataclass
from typing import Any

from exstrat_extension.fleet import targets
from exstrat_extension.fleet.departures import bury, failed
from exstrat_extension.fleet.model import Fleet, LifecycleState

EXITED_EARLY = "The instance exited before it was in service."


class MalformedFact(Exception):
    """Names the field, what was found and what is allowed."""


@dataclass(frozen=True)
class InstanceRunning:
    instance_id: str
    port: int


@dataclass(frozen=True)
class InstanceExited:
    instance_id: str


@dataclass(frozen=True)
class TargetHealth:
    target_group_arn: str
    instance_id: str
    healthy: bool
    reason: str | None


@dataclass(frozen=True)
class TargetDrained:
    target_group_arn: str
    instance_id: str


Fact = InstanceRunning | InstanceExited | TargetHealth | TargetDrained


def parse(report: Any) -> list[Fact]:
    """Reads a decoded JSON report; raises `MalformedFact`."""
    if not isinstance(report, list):
        raise MalformedFact(f"the report: found {report!r:.80}; must be an array of facts")
    return [_parse_one(f"facts[{index}]", fact) for index, fact in enumerate(report)]


def apply(fleet: Fleet, fact: Fact, now: float) -> bool:
    """Writes one fact down; False if its instance or target is unknown (it may be gone already)."""
    match fact:
        case InstanceRunning(instance_id, port):
            return _running(fleet, instance_id, port, now)
        case InstanceExited(instance_id):
            return _exited(fleet, instance_id, now)
        case TargetHealth(arn, instance_id, healthy, reason):
            return targets.report_health(fleet, arn, instance_id, healthy, reason)
        case TargetDrained(arn, instance_id):
            return targets.drained(fleet, arn, instance_id)


def _running(fleet: Fleet, instance_id: str, port: int, now: float) -> bool:
    found = fleet.find(instance_id)
    if found is None:
        return False
    group, instance = found
    if instance.state is LifecycleState.PENDING and instance.port is None:
        instance.port, instance.running_at = port, now
        if group.runs("AddToLoadBalancer"):
            for arn in group.target_group_arns:
                targets.register(fleet, arn, instance_id, port)
    return True


def _exited(fleet: Fleet, instance_id: str, now: float) -> bool:
    found = fleet.find(instance_id)
    if found is None:
        return False
    group, instance = found
    if instance.terminating:
        bury(fleet, group, instance, now)
    else:
        failed(fleet, group, instance, EXITED_EARLY, now)
    return True


def _parse_one(where: str, fact: Any) -> Fact:
    if not isinstance(fact, dict):
        raise MalformedFact(f"{where}: found {fact!r:.80}; must be an object")

    def text(field: str) -> str:
        return _text(where, fact, field)

    match fact.get("fact"):
        case "instance_running":
            return InstanceRunning(text("instance_id"), _port(where, fact))
        case "instance_exited":
            return InstanceExited(text("instance_id"))
        case "target_health":
            healthy, reason = _healthy(where, fact), _reason(where, fact)
            return TargetHealth(text("target_group_arn"), text("instance_id"), healthy, reason)
        case "target_drained":
            return TargetDrained(text("target_group_arn"), text("instance_id"))
        case kind:
            raise MalformedFact(
                f"{where}.fact: found {kind!r:.80}; must be instance_running, instance_exited, "
                "target_health or target_drained"
            )


def _text(where: str, fact: dict[str, Any], field: str) -> str:
    value = fact.get(field)
    if isinstance(value, str) and value:
        return value
    raise MalformedFact(f"{where}.{field}: found {value!r:.80}; must be a non-empty string")


def _port(where: str, fact: dict[str, Any]) -> int:
    value = fact.get("port")
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    raise MalformedFact(f"{where}.port: found {value!r:.80}; must be an integer from 1 to 65535")


def _healthy(where: str, fact: dict[str, Any]) -> bool:
    value = fact.get("state")
    if value in ("healthy", "unhealthy"):
        return bool(value == "healthy")
    raise MalformedFact(f"{where}.state: found {value!r:.80}; must be healthy or unhealthy")


def _reason(where: str, fact: dict[str, Any]) -> str | None:
    value = fact.get("reason")
    if value is None or isinstance(value, str):
        return value
    raise MalformedFact(f"{where}.reason: found {value!r:.80}; must be a string or absent")
