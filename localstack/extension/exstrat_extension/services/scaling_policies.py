"""Scaling policies: moto keeps them, the fleet carries out those that go by steps.

Simple policies are steps without bounds. Target tracking makes no alarms here and never acts.
"""

import logging
from typing import Any

from moto.autoscaling.models import FakeScalingPolicy

from exstrat_extension.fleet.stepping import AdjustmentType, Step, StepPolicy, execute
from exstrat_extension.services.home import HOME

LOG = logging.getLogger(__name__)


def is_scaling_policy(action: str) -> bool:
    """Whether an alarm's action is one of Auto Scaling's."""
    return ":autoscaling:" in action and ":scalingPolicy:" in action


def invoke(arn: str, alarm: str, breach: float) -> None:
    """What `alarm`, `breach` above its threshold, has the policy do; an unknown one is logged."""
    with HOME.acting() as (fleet, now):
        kept = next((p for p in HOME.autoscaling.policies.values() if p.arn == arn), None)
        group = fleet.groups.get(kept.auto_scaling_group_name) if kept else None
        policy = _by_steps(kept) if kept else None
        if group is None or policy is None:
            LOG.warning("%s was to invoke %s, which is not here or has no steps", alarm, arn)
            return
        execute(group, policy, alarm, breach, now)


def _by_steps(kept: FakeScalingPolicy) -> StepPolicy | None:
    if kept.policy_type == "StepScaling":
        steps = tuple(_step(adjustment) for adjustment in kept.step_adjustments)
    elif kept.policy_type == "SimpleScaling" and kept.scaling_adjustment is not None:
        steps = (Step(int(kept.scaling_adjustment)),)
    else:
        return None
    return StepPolicy(
        kept.name,
        AdjustmentType(kept.adjustment_type),
        steps,
        int(kept.min_adjustment_magnitude or 0),
        float(kept.estimated_instance_warmup or 0),
    )


def _step(given: dict[str, Any]) -> Step:
    """moto keeps numbers as they came, which may be as texts."""
    bounds = {
        "lower": given.get("MetricIntervalLowerBound"),
        "upper": given.get("MetricIntervalUpperBound"),
    }
    said = {name: float(bound) for name, bound in bounds.items() if bound is not None}
    return Step(int(given["ScalingAdjustment"]), **said)
