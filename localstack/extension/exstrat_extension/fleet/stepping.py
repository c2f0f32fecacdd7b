"""Step scaling: how an alarm changes a group's desired capacity.

While instances warm up, a further breach counts from the capacity without them: the same step adds
nothing more, a larger one the difference. When all are warm it adds again.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, inf

from exstrat_extension.fleet.causes import desired_changed
from exstrat_extension.fleet.model import Group, Instance


class AdjustmentType(StrEnum):
    CHANGE = "ChangeInCapacity"
    EXACT = "ExactCapacity"
    PERCENT = "PercentChangeInCapacity"


@dataclass(frozen=True)
class Step:
    """`lower <= breach < upper`, counted from the alarm's threshold."""

    adjustment: int
    lower: float = -inf
    upper: float = inf


@dataclass(frozen=True)
class StepPolicy:
    """A group's policy. `warm_up_s` is how long an instance counts as new once in service."""

    name: str
    adjustment_type: AdjustmentType
    steps: tuple[Step, ...]
    min_magnitude: int = 0
    warm_up_s: float = 0.0


def execute(group: Group, policy: StepPolicy, alarm: str, breach: float, now: float) -> None:
    """What the policy does when `alarm` is `breach` above its threshold."""
    step = next((s for s in policy.steps if s.lower <= breach < s.upper), None)
    if step is None or group.deleting or not group.runs("AlarmNotification"):
        return
    before = group.capacity.desired
    new = sum(_is_new(instance, policy, now) for instance in group.alive())
    wanted = _adjusted(policy, step, max(0, before - new))
    if step.adjustment >= 0 and policy.adjustment_type is not AdjustmentType.EXACT:
        wanted = max(wanted, before)
    wanted = min(max(wanted, group.capacity.min_size), group.capacity.max_size)
    if wanted != before:
        what = f"a monitor alarm {alarm} in state ALARM triggered policy {policy.name}"
        group.cause = desired_changed(what, before, wanted, now)
        group.capacity = group.capacity.with_desired(wanted)


def _is_new(instance: Instance, policy: StepPolicy, now: float) -> bool:
    since = instance.in_service_at
    return since is None or now < since + policy.warm_up_s


def _adjusted(policy: StepPolicy, step: Step, capacity: int) -> int:
    match policy.adjustment_type:
        case AdjustmentType.EXACT:
            return step.adjustment
        case AdjustmentType.CHANGE:
            return capacity + step.adjustment
    change = _whole(capacity * step.adjustment / 100)
    if abs(change) < policy.min_magnitude:
        change = policy.min_magnitude if step.adjustment > 0 else -policy.min_magnitude
    return capacity + change


def _whole(change: float) -> int:
    """AWS rounds towards zero, but what is less than one instance is one."""
    if 0 < abs(change) < 1:
        return 1 if change > 0 else -1
    return floor(change) if change > 0 else ceil(change)
