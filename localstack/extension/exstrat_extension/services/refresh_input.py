"""A request's `RefreshPreferences` over AWS's defaults; what is not emulated is refused by name."""

from typing import Any

from localstack.aws.api import CommonServiceException

from exstrat_extension.fleet.errors import invalid
from exstrat_extension.fleet.model import Group
from exstrat_extension.fleet.preferences import HOUR_S, Preferences, Protected

Json = dict[str, Any]

PACE = "EXSTRAT_REFRESH_PACE"
STANDBY = ("Terminate", "Ignore", "Wait")
NOT_EMULATED = ("CheckpointPercentages", "CheckpointDelay")


def preferences(asked: Json, group: Group, kept: Json, times: float) -> Preferences:
    """`kept` are those of the group's settings that only AWS's defaults look at.

    Waits pass `times` times as fast as AWS's.
    """
    for name in NOT_EMULATED:
        if asked.get(name):
            raise not_emulated(name)
    low, high = _percentages(asked, kept.get("InstanceMaintenancePolicy") or {})
    standby = asked.get("StandbyInstances", "Wait")
    if standby not in STANDBY:
        raise invalid(f"StandbyInstances: found {standby}; must be one of {', '.join(STANDBY)}")
    return Preferences(
        min_healthy_percent=low,
        max_healthy_percent=high,
        warm_up_s=_warm_up_s(asked, group, kept) / times,
        bake_s=asked.get("BakeTime", 0) / times,
        patience_s=HOUR_S / times,
        skip_matching=bool(asked.get("SkipMatching")),
        auto_rollback=bool(asked.get("AutoRollback")),
        alarms=tuple((asked.get("AlarmSpecification") or {}).get("Alarms") or ()),
        protected=_protected(asked.get("ScaleInProtectedInstances", "Wait")),
        said=asked,
    )


def pace(text: str) -> float:
    """So many times as fast as on AWS the waits of an instance refresh pass."""
    found = float(text) if text.replace(".", "", 1).isdigit() else 0.0
    if found <= 0:
        raise ValueError(f"{PACE}: found {text!r}; must be a number above 0")
    return found


def not_emulated(what: str) -> CommonServiceException:
    return CommonServiceException("NotImplemented", f"{what} is not emulated.", 501)


def _percentages(asked: Json, policy: Json) -> tuple[int, int]:
    """The request's, else the group's maintenance policy's, where -1 is none, else AWS's."""
    if "MaxHealthyPercentage" in asked and "MinHealthyPercentage" not in asked:
        raise invalid("MaxHealthyPercentage must come together with MinHealthyPercentage.")
    default = {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 100}
    said = default | {key: value for key, value in policy.items() if value >= 0} | asked
    return said["MinHealthyPercentage"], said["MaxHealthyPercentage"]


def _warm_up_s(asked: Json, group: Group, kept: Json) -> float:
    """The group's default warm-up is none where it is -1 or was never given."""
    default = kept.get("DefaultInstanceWarmup", -1)
    otherwise = default if default >= 0 else group.settings.health_check_grace_s
    asked_for: int | None = asked.get("InstanceWarmup")
    return otherwise if asked_for is None else asked_for


def _protected(text: str) -> Protected:
    try:
        return Protected(text)
    except ValueError as unknown:
        allowed = ", ".join(Protected)
        raise invalid(
            f"ScaleInProtectedInstances: found {text}; must be one of {allowed}"
        ) from unknown
