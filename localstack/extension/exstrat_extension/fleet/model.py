"""What is known about a fleet: groups, their instances and activities, and target groups' targets.

Every time is in unix seconds and given by the caller.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from exstrat_extension.fleet import identifiers
from exstrat_extension.fleet.capacity import Capacity
from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.refresh_model import Refresh

ACTIVITIES_KEPT = 500
"""Activities remembered per group; AWS keeps six weeks of them."""


class LifecycleState(StrEnum):
    PENDING = "Pending"
    IN_SERVICE = "InService"
    TERMINATING = "Terminating"


class TargetState(StrEnum):
    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"


class ActivityStatus(StrEnum):
    IN_PROGRESS = "InProgress"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


class HealthCheckType(StrEnum):
    EC2 = "EC2"
    ELB = "ELB"


class TerminationPolicy(StrEnum):
    """The orders in which a shrinking group picks its victims.

    All but `NewestInstance` pick the oldest: a group's instances share one configuration here.
    """

    DEFAULT = "Default"
    OLDEST_INSTANCE = "OldestInstance"
    NEWEST_INSTANCE = "NewestInstance"
    OLDEST_LAUNCH_CONFIGURATION = "OldestLaunchConfiguration"
    OLDEST_LAUNCH_TEMPLATE = "OldestLaunchTemplate"
    CLOSEST_TO_NEXT_INSTANCE_HOUR = "ClosestToNextInstanceHour"
    ALLOCATION_STRATEGY = "AllocationStrategy"


@dataclass(frozen=True)
class Subnet:
    subnet_id: str
    availability_zone: str


@dataclass
class Activity:
    """One launch or termination. `ended_at` is set exactly when it is no longer in progress."""

    activity_id: str
    group: str
    description: str
    cause: str
    started_at: float
    subnet: Subnet
    status: ActivityStatus = ActivityStatus.IN_PROGRESS
    message: str | None = None
    ended_at: float | None = None

    def end(self, status: ActivityStatus, now: float, message: str | None = None) -> None:
        """Ends it once; what has ended stays as it ended."""
        if self.status is ActivityStatus.IN_PROGRESS:
            self.status, self.ended_at, self.message = status, now, message

    @property
    def progress_percent(self) -> int:
        """AWS's progress: a number, not a measurement."""
        return 50 if self.status is ActivityStatus.IN_PROGRESS else 100


@dataclass
class Instance:
    """One instance. `port` is where its process listens: None until it does."""

    instance_id: str
    subnet: Subnet
    launched_at: float
    launch: Activity
    protected_from_scale_in: bool
    configuration: Configuration | None = None
    """What it was launched from; None without a launch template."""
    state: LifecycleState = LifecycleState.PENDING
    port: int | None = None
    running_at: float | None = None
    in_service_at: float | None = None
    termination: Activity | None = None
    unhealthy_because: str | None = None
    seen: bool = False
    """Whether the data plane was told of it; if not, there is no process to wait for."""

    @property
    def terminating(self) -> bool:
        return self.state is LifecycleState.TERMINATING


@dataclass
class Target:
    """A target's health in one target group. `reason` is AWS's code, None when healthy."""

    port: int
    state: TargetState
    reason: str | None


@dataclass(frozen=True)
class Settings:
    """What a group's owner chose beside its size. Durations in seconds."""

    subnets: tuple[Subnet, ...]
    health_check_type: HealthCheckType = HealthCheckType.EC2
    health_check_grace_s: int = 0
    default_cooldown_s: int = 300
    termination_policies: tuple[TerminationPolicy, ...] = (TerminationPolicy.DEFAULT,)
    protect_new_instances: bool = False


@dataclass
class Group:
    name: str
    capacity: Capacity
    settings: Settings
    target_group_arns: list[str]
    cause: str
    """Why the desired capacity is what it is, in AWS's words."""
    configuration: Configuration | None = None
    """What the group is set to launch from; None without a launch template."""
    refreshes: list[Refresh] = field(default_factory=list)
    """Oldest first; only the last may not have ended."""
    instances: dict[str, Instance] = field(default_factory=dict)
    activities: deque[Activity] = field(default_factory=lambda: deque(maxlen=ACTIVITIES_KEPT))
    suspended: dict[str, str] = field(default_factory=dict)
    """Suspended process -> reason."""
    to_replace: int = 0
    """Failed instances whose replacement has not been launched yet."""
    failed_launches: int = 0
    """Launches in a row that failed before they were in service."""
    launch_not_before: float = 0.0
    last_scaling: Activity | None = None
    """The latest activity that a change of desired capacity caused: the cooldown counts from it."""
    deleting: bool = False

    def alive(self) -> list[Instance]:
        """The instances that count towards the desired capacity, oldest first."""
        return [i for i in self.instances.values() if not i.terminating]

    def open_activity(self, subnet: Subnet, description: str, cause: str, now: float) -> Activity:
        """Starts an activity; it is in progress until somebody ends it."""
        activity = Activity(identifiers.activity_id(), self.name, description, cause, now, subnet)
        self.activities.append(activity)
        return activity

    @property
    def refresh(self) -> Refresh | None:
        """The instance refresh that has not ended."""
        last = self.refreshes[-1] if self.refreshes and not self.deleting else None
        return last if last and last.end is None else None

    def runs(self, process: str) -> bool:
        """Whether a process is not suspended."""
        return process not in self.suspended


@dataclass
class Fleet:
    """All groups, and the targets of all target groups by ARN and instance."""

    groups: dict[str, Group] = field(default_factory=dict)
    targets: dict[str, dict[str, Target]] = field(default_factory=dict)
    alarming: frozenset[str] = frozenset()
    """The names of the alarms that are in ALARM."""

    def find(self, instance_id: str) -> tuple[Group, Instance] | None:
        for group in self.groups.values():
            if instance := group.instances.get(instance_id):
                return group, instance
        return None

    def targets_of(self, instance_id: str) -> Iterator[Target]:
        return (t[instance_id] for t in self.targets.values() if instance_id in t)

    def drained(self, instance: Instance) -> bool:
        """Terminating, and no target group knows it any more."""
        return instance.terminating and not any(self.targets_of(instance.instance_id))
