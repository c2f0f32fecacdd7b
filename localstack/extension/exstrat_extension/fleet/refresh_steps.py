"""How an instance refresh goes on by itself: replaces, turns back, gives up, succeeds."""

from exstrat_extension.fleet.causes import REFRESH, at
from exstrat_extension.fleet.departures import retire
from exstrat_extension.fleet.model import Fleet, Group, Instance, LifecycleState
from exstrat_extension.fleet.refresh_model import End, Outcome, Refresh, Rollback
from exstrat_extension.fleet.refresh_progress import (
    final_progress,
    left,
    progress,
    remaining,
    replaceable,
    serving,
    waits_for,
)


def proceed(fleet: Fleet, group: Group, now: float) -> None:
    """What follows from what is. A suspended one waits, and its patience with it."""
    refresh = group.refresh
    if refresh is None:
        return
    if not group.runs("InstanceRefresh"):
        refresh.nearer_at = now
        return
    if refresh.forward and (on := _alarm(fleet, refresh)):
        _give_up(fleet, group, refresh, f"The alarm {on} is in the ALARM state.", now)
    if refresh.end is None:
        _replace(fleet, group, refresh, now)
        _conclude(fleet, group, refresh, now)


def turn_back(group: Group, refresh: Refresh, reason: str, now: float) -> None:
    deployed = frozenset(i.instance_id for i in group.alive()) - refresh.before
    refresh.turn(Rollback(reason, now, progress(group, refresh, now), deployed))


def end(
    fleet: Fleet, group: Group, refresh: Refresh, outcome: Outcome, why: str | None, now: float
) -> None:
    """Ends it. What it launched and never served goes, where the group has more than desired."""
    refresh.end = End(outcome, now, why, final_progress(group, refresh, outcome, now))
    for instance in _in_flight(group, refresh):
        if len(group.alive()) > group.capacity.desired:
            _take_out(fleet, group, refresh, instance, now)


def _alarm(fleet: Fleet, refresh: Refresh) -> str | None:
    return next((name for name in refresh.preferences.alarms if name in fleet.alarming), None)


def _give_up(fleet: Fleet, group: Group, refresh: Refresh, reason: str, now: float) -> None:
    if refresh.forward and refresh.preferences.auto_rollback:
        turn_back(group, refresh, reason, now)
    else:
        outcome = Outcome.CANCELLED if refresh.cancelling else Outcome.FAILED
        end(fleet, group, refresh, outcome, reason, now)


def _replace(fleet: Fleet, group: Group, refresh: Refresh, now: float) -> None:
    """Takes out what does not serve, and of what does, as many as the others can do without."""
    if not refresh.cancelling:
        for instance in replaceable(group, refresh):
            if instance.state is not LifecycleState.IN_SERVICE:
                _take_out(fleet, group, refresh, instance, now)
    below = 0 if refresh.cancelling else refresh.preferences.below(group.capacity.desired)
    spare = len(serving(group, refresh, now)) - (group.capacity.desired - below)
    for instance in replaceable(group, refresh)[: max(0, spare)]:
        _take_out(fleet, group, refresh, instance, now)


def _conclude(fleet: Fleet, group: Group, refresh: Refresh, now: float) -> None:
    still = left(group, refresh, now)
    refresh.come(still, now)
    served = len(serving(group, refresh, now)) >= group.capacity.desired
    patience_s = refresh.preferences.patience_s + refresh.preferences.warm_up_s
    if refresh.cancelling and not _in_flight(group, refresh) and not _leaving(group):
        end(fleet, group, refresh, Outcome.CANCELLED, None, now)
    elif not refresh.cancelling and served and not remaining(group, refresh):
        if not refresh.bakes(now):
            _succeed(fleet, group, refresh, now)
    elif now >= refresh.nearer_at + patience_s:
        why = waits_for(group, refresh, now) or "Nothing was replaced any more."
        _give_up(fleet, group, refresh, f"{why} That took longer than {patience_s:.0f} s.", now)


def _succeed(fleet: Fleet, group: Group, refresh: Refresh, now: float) -> None:
    """Only now the group has what was wanted."""
    if refresh.wanted and refresh.rollback is None:
        group.configuration = refresh.wanted
    end(fleet, group, refresh, Outcome.SUCCEEDED, None, now)


def _in_flight(group: Group, refresh: Refresh) -> list[Instance]:
    """What it launched and is not in service yet."""
    pending = [i for i in group.alive() if i.state is LifecycleState.PENDING]
    return [i for i in pending if i.instance_id not in refresh.before]


def _leaving(group: Group) -> bool:
    return any(instance.terminating for instance in group.instances.values())


def _take_out(fleet: Fleet, group: Group, refresh: Refresh, instance: Instance, now: float) -> None:
    retire(fleet, group, instance, f"{at(now)} an instance was taken out of service {REFRESH}", now)
    if len(group.alive()) < group.capacity.desired:
        refresh.owed += 1
