"""An instance refresh as AWS does it at 100 to 120 % of healthy instances: new ones first, old ones
after. Nothing ends one but success and a cancellation: alarms are not looked at.
"""

from exstrat_extension.fleet import identifiers
from exstrat_extension.fleet.causes import at
from exstrat_extension.fleet.departures import retire
from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.model import (
    Fleet,
    Group,
    Instance,
    LifecycleState,
    Refresh,
    RefreshStatus,
)

CAUSE = "in response to an instance refresh."


def start(group: Group, version: str | None, now: float, *, skip_matching: bool) -> Refresh:
    """To `version`, or to the group's own. With `skip_matching` instances of it stay."""
    if group.refresh:
        raise Refused(
            ErrorCode.REFRESH_IN_PROGRESS,
            "An Instance Refresh is already in progress and blocks the execution of this one.",
        )
    wanted = version or group.version
    outdated = frozenset(
        i.instance_id for i in group.alive() if not (skip_matching and i.version == wanted)
    )
    refresh = Refresh(identifiers.activity_id(), wanted, outdated, now)
    group.refreshes.append(refresh)
    return refresh


def cancel(group: Group, now: float) -> Refresh:
    """What it has replaced stays replaced, and the group's version is what it was."""
    if (refresh := group.refresh) is None:
        raise Refused(
            ErrorCode.NO_ACTIVE_REFRESH,
            f"No in progress or pending Instance Refresh found for Auto Scaling group {group.name}",
        )
    refresh.end(RefreshStatus.CANCELLED, now)
    return refresh


def launched_from(group: Group) -> str | None:
    """The version that an instance gets which is launched now."""
    return group.refresh.version if group.refresh else group.version


def outdated(group: Group) -> list[Instance]:
    """What the refresh in progress has yet to replace."""
    refresh = group.refresh
    return [i for i in group.alive() if refresh and i.instance_id in refresh.outdated]


def surplus(group: Group) -> int:
    """So many instances more than desired there may be: a fifth, at least one."""
    allowed = max(1, group.capacity.desired // 5) if group.runs("InstanceRefresh") else 0
    return min(allowed, len(outdated(group)))


def proceed(fleet: Fleet, group: Group, now: float) -> None:
    """Retires what the new instances can do without, and succeeds when all are new."""
    refresh = group.refresh
    if refresh is None or not group.runs("InstanceRefresh"):
        return
    in_service = [i for i in group.alive() if i.state is LifecycleState.IN_SERVICE]
    spare = max(0, len(in_service) - group.capacity.desired)
    for instance in outdated(group)[:spare]:
        cause = f"{at(now)} an instance was taken out of service {CAUSE}"
        retire(fleet, group, instance, cause, now)
    if not outdated(group) and len(in_service) == group.capacity.desired:
        group.version = refresh.version
        refresh.end(RefreshStatus.SUCCESSFUL, now)
