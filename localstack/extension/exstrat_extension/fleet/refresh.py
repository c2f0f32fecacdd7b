"""What a client may ask of instance refreshes, and what the launches of a group ask of one.

After AWS's user guide ("Use an instance refresh to update instances") and API reference; where they
are silent, README.md says what is done here.
"""

from exstrat_extension.fleet import identifiers
from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.errors import ErrorCode, Refused, invalid
from exstrat_extension.fleet.model import Fleet, Group
from exstrat_extension.fleet.preferences import Preferences, Protected
from exstrat_extension.fleet.refresh_model import Outcome, Refresh
from exstrat_extension.fleet.refresh_progress import replaceable, target
from exstrat_extension.fleet.refresh_steps import end, turn_back


def start(
    group: Group, wanted: Configuration | None, preferences: Preferences, now: float
) -> Refresh:
    """To `wanted`, or to the group's own configuration; refused while another one runs."""
    if group.refresh:
        raise Refused(
            ErrorCode.REFRESH_IN_PROGRESS,
            "An Instance Refresh is already in progress and blocks the execution of this one.",
        )
    if preferences.auto_rollback and (obstacle := _irreversible(group, wanted)):
        raise invalid(f"AutoRollback: {obstacle}")
    alike = wanted or group.configuration
    outdated = frozenset(
        i.instance_id
        for i in group.alive()
        if not (preferences.skip_matching and i.configuration == alike)
        and not (preferences.protected is Protected.IGNORE and i.protected_from_scale_in)
    )
    before = frozenset(i.instance_id for i in group.alive())
    refresh = Refresh(identifiers.activity_id(), wanted, preferences, before, outdated, now)
    group.refreshes.append(refresh)
    return refresh


def cancel(fleet: Fleet, group: Group, now: float, *, wait: bool = True) -> Refresh:
    """What it has replaced stays replaced, and the group's configuration is what it was.

    It begins nothing more; with `wait` it is cancelled once what it has begun is done.
    """
    refresh = _active(group)
    refresh.cancelling = True
    if not wait:
        end(fleet, group, refresh, Outcome.CANCELLED, None, now)
    return refresh


def roll_back(group: Group, now: float) -> Refresh:
    """RollbackInstanceRefresh: what it has launched is replaced by the group's configuration."""
    refresh = _active(group)
    if not refresh.forward:
        raise _none_active(group)
    if obstacle := _irreversible(group, refresh.wanted):
        raise Refused(ErrorCode.IRREVERSIBLE_REFRESH, obstacle)
    turn_back(group, refresh, "A user asked for it.", now)
    return refresh


def must_leave_configuration(group: Group) -> None:
    """What a refresh with a desired configuration is about to write cannot be written meanwhile."""
    if group.refresh and group.refresh.wanted:
        raise invalid(
            "An active instance refresh with a desired configuration exists. All configuration "
            "options derived from the desired configuration are not available for update while "
            "the instance refresh is active."
        )


def launched_from(group: Group) -> Configuration | None:
    """What an instance is launched from now, also one that only scales the group out."""
    return target(group, group.refresh) if group.refresh else group.configuration


def surplus(group: Group) -> int:
    """So many instances more than desired there may be."""
    refresh = group.refresh
    if refresh is None or not group.runs("InstanceRefresh"):
        return 0
    desired = group.capacity.desired
    if refresh.cancelling:
        return max(0, len(group.alive()) - desired)
    return min(refresh.preferences.above(desired), len(replaceable(group, refresh)))


def replaces(group: Group) -> bool:
    """Whether the next launch is the refresh's own, not the group's growth; taken off the debt."""
    refresh = group.refresh
    if refresh is None:
        return False
    owed, refresh.owed = refresh.owed, max(0, refresh.owed - 1)
    return owed > 0 or len(group.alive()) >= group.capacity.desired


def _active(group: Group) -> Refresh:
    if group.refresh is None:
        raise _none_active(group)
    return group.refresh


def _none_active(group: Group) -> Refused:
    return Refused(
        ErrorCode.NO_ACTIVE_REFRESH,
        f"No in progress or pending Instance Refresh found for Auto Scaling group {group.name}",
    )


def _irreversible(group: Group, wanted: Configuration | None) -> str | None:
    """Why there is no way back from `wanted`, which AWS's user guide lists."""
    if wanted is None:
        return "a rollback needs a refresh with a desired configuration"
    if group.configuration and group.configuration.moves:
        version = group.configuration.version
        return f"the group launches from version {version}; must be one by number, of one image"
    return None
