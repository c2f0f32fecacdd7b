"""An instance refresh as a value: what it replaces, by what, and how far it came.

Its status follows from what happened to it, so it has none that AWS does not know.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.preferences import Preferences


class RefreshStatus(StrEnum):
    """AWS's, without `Pending`, since one begins at once here."""

    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    ROLLBACK_IN_PROGRESS = "RollbackInProgress"
    ROLLBACK_SUCCESSFUL = "RollbackSuccessful"
    ROLLBACK_FAILED = "RollbackFailed"


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Progress:
    """`to_update` instances are still to be updated."""

    percent: int
    to_update: int


@dataclass(frozen=True)
class Rollback:
    """The way back. `deployed` are the instances that the refresh had launched when it turned."""

    reason: str
    started_at: float
    turned_at: Progress
    deployed: frozenset[str]


@dataclass(frozen=True)
class End:
    outcome: Outcome
    at: float
    reason: str | None
    progress: Progress


_ENDED = {
    (Outcome.SUCCEEDED, False): RefreshStatus.SUCCESSFUL,
    (Outcome.FAILED, False): RefreshStatus.FAILED,
    (Outcome.CANCELLED, False): RefreshStatus.CANCELLED,
    (Outcome.SUCCEEDED, True): RefreshStatus.ROLLBACK_SUCCESSFUL,
    (Outcome.FAILED, True): RefreshStatus.ROLLBACK_FAILED,
    (Outcome.CANCELLED, True): RefreshStatus.CANCELLED,
}


@dataclass
class Refresh:
    """`wanted` is the desired configuration: None goes by the group's own."""

    refresh_id: str
    wanted: Configuration | None
    preferences: Preferences
    before: frozenset[str]
    """The instances that were there when it began."""
    outdated: frozenset[str]
    """Those of them that it replaces."""
    started_at: float
    rollback: Rollback | None = None
    cancelling: bool = False
    baking_since: float | None = None
    """When all was replaced first, where it then bakes."""
    end: End | None = None
    owed: int = 0
    """So many has it taken out of service whose replacements are still to be launched."""
    nearest: int | None = None
    """The fewest instances that were left to replace, on the way that it is on."""
    nearer_at: float = field(init=False)
    """When it last came nearer: from then on its patience counts."""

    def __post_init__(self) -> None:
        self.nearer_at = self.started_at

    @property
    def status(self) -> RefreshStatus:
        if self.end:
            return _ENDED[self.end.outcome, self.rollback is not None]
        if self.cancelling:
            return RefreshStatus.CANCELLING
        if self.rollback:
            return RefreshStatus.ROLLBACK_IN_PROGRESS
        return RefreshStatus.IN_PROGRESS if self.baking_since is None else RefreshStatus.BAKING

    @property
    def forward(self) -> bool:
        """Whether it can still turn back."""
        return self.status in (RefreshStatus.IN_PROGRESS, RefreshStatus.BAKING)

    @property
    def outgoing(self) -> frozenset[str]:
        """What it replaces on the way that it is on."""
        return self.rollback.deployed if self.rollback else self.outdated

    def turn(self, rollback: Rollback) -> None:
        """From now on it goes back."""
        self.rollback, self.owed = rollback, 0
        self.nearest, self.nearer_at = None, rollback.started_at

    def bakes(self, now: float) -> bool:
        """All is replaced. The way back does not bake: what it leads to is known."""
        if self.rollback or not self.preferences.bake_s:
            return False
        self.baking_since = now if self.baking_since is None else self.baking_since
        self.nearer_at = now
        return now < self.baking_since + self.preferences.bake_s

    def come(self, left: int, now: float) -> None:
        """Notes that so many instances are left: fewer than ever is progress."""
        if self.nearest is not None and left < self.nearest:
            self.nearer_at = now
        self.nearest = left if self.nearest is None else min(left, self.nearest)
