"""How an instance refresh goes about it: how many at once, how long it waits, what turns it back.

AWS's `RefreshPreferences`, with its defaults and bounds (API reference of Auto Scaling, and
botocore's service model). An illegal one cannot be made. There are no instances in Standby here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any

from exstrat_extension.fleet.errors import invalid

MAX_ALARMS = 10
MAX_BAKE_S = 172_800
HOUR_S = 3600.0
"""So long AWS keeps trying when it gets no further, because new instances do not become healthy or
protected ones stay protected (user guide of Auto Scaling, "Undo changes with a manual or auto
rollback", and `ScaleInProtectedInstances` in the API reference)."""


class Protected(StrEnum):
    """What becomes of instances that are protected from scale-in."""

    REFRESH = "Refresh"
    IGNORE = "Ignore"
    WAIT = "Wait"


@dataclass(frozen=True)
class Preferences:
    """Percentages are of the desired capacity."""

    min_healthy_percent: int = 90
    max_healthy_percent: int = 100
    warm_up_s: float = 0.0
    bake_s: float = 0.0
    """So long it waits, and looks at the alarms, once all is replaced."""
    patience_s: float = HOUR_S
    skip_matching: bool = False
    auto_rollback: bool = False
    alarms: tuple[str, ...] = ()
    protected: Protected = Protected.WAIT
    said: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """As a client said them, for who describes them."""

    def __post_init__(self) -> None:
        low, high = self.min_healthy_percent, self.max_healthy_percent
        if not 0 <= low <= 100:
            raise invalid(f"MinHealthyPercentage: found {low}; must be from 0 to 100")
        if not 100 <= high <= 200:
            raise invalid(f"MaxHealthyPercentage: found {high}; must be from 100 to 200")
        if high - low > 100:
            raise invalid(
                f"MaxHealthyPercentage - MinHealthyPercentage: found {high} - {low}; "
                "must be at most 100"
            )
        if self.warm_up_s < 0:
            raise invalid(f"InstanceWarmup: found {self.warm_up_s}; must be at least 0")
        if not 0 <= self.bake_s <= MAX_BAKE_S:
            raise invalid(f"BakeTime: found {self.bake_s}; must be from 0 to {MAX_BAKE_S}")
        if len(self.alarms) > MAX_ALARMS:
            raise invalid(f"Alarms: found {len(self.alarms)}; must be at most {MAX_ALARMS}")

    def above(self, desired: int) -> int:
        """So many instances more than desired there may be."""
        extra = desired * (self.max_healthy_percent - 100) // 100
        return max(1, extra) if self.min_healthy_percent == 100 else extra

    def below(self, desired: int) -> int:
        """So many fewer than desired may be ready. Where none more may be, one fewer must."""
        if self.min_healthy_percent == 100:
            return 0
        spare = desired - ceil(desired * self.min_healthy_percent / 100)
        return spare if self.above(desired) else max(1, spare)
