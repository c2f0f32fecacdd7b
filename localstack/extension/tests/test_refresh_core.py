"""Instance refresh, on virtual time."""

from typing import Any

import pytest

from exstrat_extension.fleet import groups, refresh
from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.preferences import Preferences, Protected
from exstrat_extension.fleet.refresh_model import Progress
from tests.fleets import World
from tests.refreshing import (
    IN_SERVICE,
    PENDING,
    TERMINATING,
    alarm,
    begin,
    finish,
    last,
    own,
    seen,
    status,
    three,
    version,
    versions,
)


@pytest.fixture
def world() -> World:
    return three()


def test_new_ones_serve_before_old_ones_leave(world: World) -> None:
    begin(world, "2")
    found = []
    while world.group.refresh:
        found.append((len(world.ids(IN_SERVICE)), len(world.ids(PENDING))))
        world.settle()
    assert set(found) == {(3, 1)}
    assert (versions(world), own(world)) == (["2", "2", "2"], "2")
    assert (status(world), seen(world)) == ("Successful", Progress(100, 0))


@pytest.mark.parametrize(
    ("desired", "low", "high", "pending", "in_service"),
    [
        (10, 100, 120, 2, 10),
        (10, 100, 100, 1, 10),
        (10, 90, 100, 1, 9),
        (10, 50, 100, 5, 5),
        (10, 90, 110, 2, 9),
        (10, 0, 100, 10, 0),
        (3, 90, 100, 1, 2),
        (3, 90, 120, 1, 2),
        (3, 50, 100, 1, 2),
        (1, 90, 100, 1, 0),
        (1, 100, 100, 1, 1),
    ],
)
def test_so_many_at_once(
    world: World, desired: int, low: int, high: int, pending: int, in_service: int
) -> None:
    world.set_desired(desired)
    world.settle()
    begin(world, "2", min_healthy_percent=low, max_healthy_percent=high)
    assert (len(world.ids(PENDING)), len(world.ids(IN_SERVICE))) == (pending, in_service)


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ({"min_healthy_percent": 101}, "MinHealthyPercentage: found 101"),
        ({"max_healthy_percent": 99}, "MaxHealthyPercentage: found 99"),
        ({"min_healthy_percent": 0, "max_healthy_percent": 101}, "must be at most 100"),
        ({"warm_up_s": -1}, "InstanceWarmup: found -1"),
        ({"bake_s": 172_801}, "BakeTime: found 172801"),
        ({"alarms": tuple("abcdefghijk")}, "Alarms: found 11"),
    ],
)
def test_what_aws_refuses_cannot_be_preferred(preferences: Any, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        Preferences(**preferences)
    assert refused.value.code is ErrorCode.VALIDATION


def test_it_waits_until_the_new_ones_are_warm(world: World) -> None:
    begin(world, "2", warm_up_s=100.0)
    world.settle()
    world.step(90)
    assert (versions(world), seen(world)) == (["1", "1", "1", "2"], Progress(0, 3))
    world.step(10)
    assert (versions(world), seen(world)) == (["1", "1", "2", "2"], Progress(33, 2))


def test_it_bakes_before_the_group_has_what_was_wanted(world: World) -> None:
    begin(world, "2", bake_s=600.0, patience_s=60.0)
    for _ in range(6):
        world.settle()
    assert (status(world), versions(world), own(world)) == ("Baking", ["2"] * 3, "1")
    since = last(world).baking_since
    assert since
    world.step(since + 599 - world.now)
    assert (status(world), own(world)) == ("Baking", "1")
    world.step(1)
    assert (status(world), own(world)) == ("Successful", "2")


def test_an_alarm_while_it_bakes_turns_it_back(world: World) -> None:
    begin(world, "2", bake_s=600.0, auto_rollback=True, alarms=("slow",))
    for _ in range(6):
        world.settle()
    assert status(world) == "Baking"
    alarm(world, "slow")
    assert status(world) == "RollbackInProgress"
    finish(world)
    assert (status(world), versions(world)) == ("RollbackSuccessful", ["1"] * 3)


def test_what_is_gone_but_not_made_up_for_is_not_updated(world: World) -> None:
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    assert (versions(world), seen(world)) == (["1", "1", "2"], Progress(0, 3))
    world.settle()
    assert seen(world) == Progress(33, 2)


def test_until_it_has_succeeded_the_group_has_the_version_before(world: World) -> None:
    begin(world, "2")
    assert own(world) == "1"
    refresh.cancel(world.fleet, world.group, world.now, wait=False)
    finish(world)
    world.set_desired(4)
    assert world.instances()[-1].configuration == version("1")
    assert (status(world), own(world)) == ("Cancelled", "1")


def test_meanwhile_the_group_grows_by_what_is_wanted(world: World) -> None:
    begin(world, "2")
    world.set_desired(5)
    assert versions(world) == ["1", "1", "1", "2", "2", "2"]
    finish(world)
    assert versions(world) == ["2"] * 5


def test_a_cancelled_one_ends_what_it_has_begun(world: World) -> None:
    begin(world, "2")
    refresh.cancel(world.fleet, world.group, world.now)
    world.step()
    assert (status(world), versions(world)) == ("Cancelling", ["1", "1", "1", "2"])
    with pytest.raises(Refused, match="already in progress"):
        begin(world, "1")
    finish(world)
    assert (status(world), versions(world)) == ("Cancelled", ["1", "1", "2"])
    assert seen(world) == Progress(33, 2)


def test_what_leaves_is_waited_for_when_cancelled(world: World) -> None:
    begin(world, "2")
    refresh.cancel(world.fleet, world.group, world.now)
    (pending,) = world.ids(PENDING)
    world.run(pending)
    world.check(pending)
    assert (status(world), len(world.ids(TERMINATING))) == ("Cancelling", 1)
    world.exit(world.ids(TERMINATING)[0])
    assert status(world) == "Cancelled"


def test_a_cancelled_one_takes_nothing_more_out(world: World) -> None:
    world.set_desired(4)
    world.settle()
    begin(world, "2", min_healthy_percent=50, max_healthy_percent=100)
    refresh.cancel(world.fleet, world.group, world.now)
    for pending in world.ids(PENDING):
        world.run(pending)
        world.check(pending)
    finish(world)
    assert versions(world) == ["1", "1", "2", "2"]


def test_one_cancelled_at_once_takes_back_what_never_served(world: World) -> None:
    begin(world, "2")
    refresh.cancel(world.fleet, world.group, world.now, wait=False)
    assert (status(world), versions(world)) == ("Cancelled", ["1", "1", "1"])


def test_a_cancelled_one_does_not_wait_forever(world: World) -> None:
    begin(world, "2")
    refresh.cancel(world.fleet, world.group, world.now)
    world.step(3600)
    assert (status(world), versions(world)) == ("Cancelled", ["1", "1", "1"])


def test_the_way_back_replaces_only_what_is_new(world: World) -> None:
    """As the runbook goes it: the group was set to the new version before the refresh began."""
    world.group.configuration = version("2")
    begin(world, None)
    world.settle()
    refresh.cancel(world.fleet, world.group, world.now)
    world.settle()
    stay = {i.instance_id for i in world.group.alive() if i.configuration == version("1")}
    assert stay
    begin(world, "1")
    finish(world)
    assert (versions(world), own(world)) == (["1", "1", "1"], "1")
    assert stay <= set(world.ids())


def test_without_skipping_all_are_replaced(world: World) -> None:
    before = set(world.ids())
    begin(world, None, skip_matching=False)
    finish(world)
    assert not before & set(world.ids())
    assert status(world) == "Successful"


def test_it_has_not_succeeded_while_too_few_serve(world: World) -> None:
    begin(world, "2", min_healthy_percent=0, max_healthy_percent=100)
    assert (versions(world), status(world), own(world)) == (["2", "2", "2"], "InProgress", "1")


def test_where_nothing_differs_it_has_succeeded_at_once(world: World) -> None:
    before = world.ids()
    begin(world, "1")
    assert (status(world), seen(world), world.ids()) == ("Successful", Progress(100, 0), before)


def test_one_at_a_time_and_none_to_end(world: World) -> None:
    with pytest.raises(Refused, match="No in progress"):
        refresh.cancel(world.fleet, world.group, world.now)
    with pytest.raises(Refused, match="No in progress"):
        refresh.roll_back(world.group, world.now)
    begin(world, "2")
    with pytest.raises(Refused, match="already in progress"):
        begin(world, "3")


def test_suspended_it_waits(world: World) -> None:
    groups.suspend(world.group, ["InstanceRefresh"], world.now)
    begin(world, "2")
    world.step(7200)
    assert (versions(world), status(world)) == (["1", "1", "1"], "InProgress")
    groups.resume(world.group, ["InstanceRefresh"])
    world.step()
    assert len(world.ids(PENDING)) == 1


def test_a_group_that_is_deleted_ends_its_refresh(world: World) -> None:
    begin(world, "2")
    groups.delete(world.group, force=True)
    world.step()
    assert world.ids(PENDING) == world.ids(IN_SERVICE) == []


@pytest.mark.parametrize(
    ("protected", "after_an_hour", "left"),
    [
        (Protected.REFRESH, "Successful", ["2", "2", "2"]),
        (Protected.IGNORE, "Successful", ["1", "2", "2"]),
        (Protected.WAIT, "Failed", ["1", "2", "2"]),
    ],
)
def test_protected_instances(
    world: World, protected: Protected, after_an_hour: str, left: list[str]
) -> None:
    groups.protect(world.group, [world.ids()[0]], True)
    begin(world, "2", protected=protected)
    assert seen(world) == Progress(0, 2 if protected is Protected.IGNORE else 3)
    for _ in range(4):
        world.settle()
    world.step(3600)
    assert (status(world), versions(world)) == (after_an_hour, left)


def test_what_is_protected_only_later_is_ignored_too(world: World) -> None:
    begin(world, "2", protected=Protected.IGNORE)
    groups.protect(world.group, [world.ids()[0]], True)
    finish(world)
    assert (status(world), versions(world)) == ("Successful", ["1", "2", "2"])


def test_its_launches_are_no_growth(world: World) -> None:
    """Or a cooldown would begin, and the activities would tell of a scale-out."""
    world.group.last_scaling = None
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    finish(world)
    causes = [a.cause for a in world.group.activities if a.description.startswith("Launching")]
    assert all(cause.endswith("in response to an instance refresh.") for cause in causes[-3:])
    assert world.group.last_scaling is None


def test_it_waits_for_protection_to_be_taken_away(world: World) -> None:
    groups.protect(world.group, world.ids(), True)
    begin(world, "2")
    assert versions(world) == ["1", "1", "1"]
    groups.protect(world.group, world.ids(), False)
    finish(world)
    assert versions(world) == ["2", "2", "2"]
