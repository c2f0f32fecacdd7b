"""How far an instance refresh is: what is left to replace, what serves, and what it waits for."""

from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.model import Group, Instance, LifecycleState
from exstrat_extension.fleet.preferences import Protected
from exstrat_extension.fleet.refresh_model import Outcome, Progress, Refresh


def target(group: Group, refresh: Refresh) -> Configuration | None:
    """What it brings the instances to: on the way back, and without a wish, the group's own."""
    return group.configuration if refresh.rollback else refresh.wanted or group.configuration


def remaining(group: Group, refresh: Refresh) -> list[Instance]:
    """What it has yet to replace, oldest first."""
    spared = refresh.preferences.protected is Protected.IGNORE
    return [
        i
        for i in group.alive()
        if i.instance_id in refresh.outgoing and not (spared and i.protected_from_scale_in)
    ]


def replaceable(group: Group, refresh: Refresh) -> list[Instance]:
    """What it may replace now."""
    despite = refresh.preferences.protected is Protected.REFRESH
    return [i for i in remaining(group, refresh) if despite or not i.protected_from_scale_in]


def serving(group: Group, refresh: Refresh, now: float) -> list[Instance]:
    """What counts as capacity: the old while in service, the new once warm."""
    return [i for i in group.alive() if _serves(refresh, i, now)]


def _serves(refresh: Refresh, instance: Instance, now: float) -> bool:
    since = instance.in_service_at
    if instance.state is not LifecycleState.IN_SERVICE or since is None:
        return False
    known = instance.instance_id in refresh.before or instance.instance_id in refresh.outgoing
    return known or now >= since + refresh.preferences.warm_up_s


def left(group: Group, refresh: Refresh, now: float) -> int:
    """Instances to be replaced, and those replaced by one that does not serve yet."""
    old = len(remaining(group, refresh))
    missing = group.capacity.desired - len(serving(group, refresh, now))
    return old + max(0, min(len(refresh.outgoing) - old, missing))


def progress(group: Group, refresh: Refresh, now: float) -> Progress:
    """On the way back the percentage falls to zero, and what was not updated stays so."""
    if refresh.end:
        return refresh.end.progress
    total = len(refresh.outdated)
    if refresh.rollback is None:
        to_update = left(group, refresh, now)
        return Progress(_percent(total - to_update, total), to_update)
    to_update = refresh.rollback.turned_at.to_update
    new = sum(i.in_service_at is not None for i in remaining(group, refresh))
    return Progress(_percent(min(new, total - to_update), total), to_update)


def _percent(part: int, total: int) -> int:
    return 100 * part // total if total else 0


def final_progress(group: Group, refresh: Refresh, outcome: Outcome, now: float) -> Progress:
    """A refresh that succeeded is at 100 %, even where there was nothing to replace."""
    if outcome is not Outcome.SUCCEEDED:
        return progress(group, refresh, now)
    rollback = refresh.rollback
    return Progress(0, rollback.turned_at.to_update) if rollback else Progress(100, 0)


def waits_for(group: Group, refresh: Refresh, now: float) -> str | None:
    """Why it goes no further just now."""
    if refresh.end:
        return refresh.end.reason
    served = {i.instance_id for i in serving(group, refresh, now)}
    for instance in group.alive():
        if instance.instance_id not in served:
            what = "warming up" if instance.in_service_at else "not healthy yet"
            return (
                "Waiting for remaining instances to be available. "
                f"For example: {instance.instance_id} is {what}."
            )
    if not replaceable(group, refresh) and (protected := remaining(group, refresh)):
        return (
            "Waiting for instances that are protected from scale-in. "
            f"For example: {protected[0].instance_id}."
        )
    return None
