"""What a refresh goes by where its request is silent. No LocalStack is started for it."""

from typing import Any

import pytest

from exstrat_extension.fleet.capacity import NOTHING
from exstrat_extension.fleet.errors import Refused
from exstrat_extension.fleet.model import Group, Settings
from exstrat_extension.services.refresh_input import pace, preferences

GROUP = Group("g", NOTHING, Settings((), health_check_grace_s=30), [], "")
POLICY = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 120}
NO_POLICY = {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}


@pytest.mark.parametrize(
    ("asked", "policy", "expected"),
    [
        ({}, None, (90, 100)),
        ({}, POLICY, (100, 120)),
        ({}, NO_POLICY, (90, 100)),
        ({"MinHealthyPercentage": 50}, None, (50, 100)),
        ({"MinHealthyPercentage": 50}, POLICY, (50, 120)),
        ({"MinHealthyPercentage": 0, "MaxHealthyPercentage": 100}, POLICY, (0, 100)),
    ],
)
def test_percentages(asked: Any, policy: Any, expected: tuple[int, int]) -> None:
    chosen = preferences(asked, GROUP, {"InstanceMaintenancePolicy": policy}, 1)
    assert (chosen.min_healthy_percent, chosen.max_healthy_percent) == expected


@pytest.mark.parametrize(
    ("asked", "kept", "expected"),
    [
        ({}, {}, 30),
        ({}, {"DefaultInstanceWarmup": -1}, 30),
        ({}, {"DefaultInstanceWarmup": 0}, 0),
        ({}, {"DefaultInstanceWarmup": 60}, 60),
        ({"InstanceWarmup": 0}, {"DefaultInstanceWarmup": 60}, 0),
        ({"InstanceWarmup": 90}, {"DefaultInstanceWarmup": 60}, 90),
    ],
)
def test_warm_up(asked: Any, kept: Any, expected: float) -> None:
    assert preferences(asked, GROUP, kept, 1).warm_up_s == expected


def test_waits_go_at_their_pace() -> None:
    chosen = preferences({"InstanceWarmup": 90}, GROUP, {}, 60)
    assert (chosen.warm_up_s, chosen.patience_s) == (1.5, 60)
    assert pace("0.5") == 0.5
    for text in ("0", "-1", "fast", ""):
        with pytest.raises(ValueError, match="must be a number above 0"):
            pace(text)


def test_what_nobody_says_is_aws_s_default() -> None:
    chosen = preferences({}, GROUP, {}, 1)
    assert (chosen.patience_s, chosen.protected, chosen.alarms) == (3600, "Wait", ())
    assert not chosen.skip_matching
    assert not chosen.auto_rollback


def test_a_policy_is_held_to_the_bounds_too() -> None:
    with pytest.raises(Refused, match="must be at most 100"):
        preferences({"MinHealthyPercentage": 0}, GROUP, {"InstanceMaintenancePolicy": POLICY}, 1)
