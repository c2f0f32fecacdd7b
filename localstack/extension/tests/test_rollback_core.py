"""Refreshes that go wrong: alarms, instances that never become healthy, and the way back."""

import random

import pytest

from exstrat_extension.fleet import refresh
from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.model import HealthCheckType
from exstrat_extension.fleet.preferences import Preferences
from exstrat_extension.fleet.refresh_model import Progress
from tests.fleets import World
from tests.refreshing import (
    IN_SERVICE,
    PENDING,
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

HOUR_S = 3600


@pytest.fixture
def world() -> World:
    return three()


def test_an_alarm_fails_it(world: World) -> None:
    begin(world, "2", alarms=("slow", "errors"))
    world.settle()
    alarm(world, "another")
    assert status(world) == "InProgress"
    alarm(world, "errors")
    assert (status(world), seen(world)) == ("Failed", Progress(33, 2))
    assert last(world).end.reason == "The alarm errors is in the ALARM state."  # type: ignore[union-attr]
    assert (own(world), versions(world)) == ("1", ["1", "1", "2"])


def test_an_alarm_turns_it_back(world: World) -> None:
    old = world.ids()
    begin(world, "2", alarms=("slow",), auto_rollback=True)
    world.settle()
    alarm(world, "slow")
    assert (status(world), seen(world)) == ("RollbackInProgress", Progress(33, 2))
    rollback = last(world).rollback
    assert rollback
    assert rollback.turned_at == Progress(33, 2)
    assert rollback.reason == "The alarm slow is in the ALARM state."
    assert len(rollback.deployed) == 2, "what never served is taken back, too"
    assert [i.configuration for i in world.instances(PENDING)] == [version("1")]
    finish(world)
    assert (status(world), seen(world)) == ("RollbackSuccessful", Progress(0, 2))
    assert (own(world), versions(world)) == ("1", ["1", "1", "1"])
    assert len(set(old) & set(world.ids())) == 2, "what was not updated was not touched"


@pytest.mark.parametrize(
    ("auto_rollback", "end"), [(False, "Failed"), (True, "RollbackSuccessful")]
)
def test_an_alarm_that_is_on_already_ends_it_before_it_replaces(
    world: World, auto_rollback: bool, end: str
) -> None:
    old = world.ids()
    alarm(world, "slow")
    begin(world, "2", alarms=("slow",), auto_rollback=auto_rollback)
    assert (status(world), world.ids()) == (end, old)


def test_an_alarm_does_not_end_the_way_back(world: World) -> None:
    begin(world, "2", alarms=("slow",), auto_rollback=True)
    world.settle()
    alarm(world, "slow")
    world.step(100)
    assert status(world) == "RollbackInProgress"


def test_by_hand(world: World) -> None:
    begin(world, "2")
    world.settle()
    refresh.roll_back(world.group, world.now)
    with pytest.raises(Refused, match="No in progress"):
        refresh.roll_back(world.group, world.now)
    with pytest.raises(Refused, match="already in progress"):
        begin(world, "3")
    finish(world)
    assert (status(world), versions(world)) == ("RollbackSuccessful", ["1", "1", "1"])


def test_the_way_back_can_be_cancelled(world: World) -> None:
    begin(world, "2")
    world.settle()
    refresh.roll_back(world.group, world.now)
    refresh.cancel(world.fleet, world.group, world.now)
    finish(world)
    assert status(world) == "Cancelled"


def test_meanwhile_the_group_grows_by_its_own(world: World) -> None:
    begin(world, "2")
    refresh.roll_back(world.group, world.now)
    world.set_desired(4)
    assert versions(world) == ["1", "1", "1", "1"]


def test_without_a_wish_there_is_no_way_back(world: World) -> None:
    with pytest.raises(Refused, match="needs a refresh with a desired configuration") as refused:
        begin(world, None, auto_rollback=True)
    assert refused.value.code is ErrorCode.VALIDATION
    assert world.group.refreshes == []
    begin(world, None, skip_matching=False)
    with pytest.raises(Refused) as irreversible:
        refresh.roll_back(world.group, world.now)
    assert irreversible.value.code is ErrorCode.IRREVERSIBLE_REFRESH


@pytest.mark.parametrize("moving", ["$Latest", "$Default"])
def test_there_is_no_way_back_to_what_moves(world: World, moving: str) -> None:
    world.group.configuration = version(moving)
    with pytest.raises(Refused, match="must be one by number"):
        begin(world, "2", auto_rollback=True)
    begin(world, "2")
    with pytest.raises(Refused) as irreversible:
        refresh.roll_back(world.group, world.now)
    assert irreversible.value.code is ErrorCode.IRREVERSIBLE_REFRESH


def test_what_it_will_write_cannot_be_written_meanwhile(world: World) -> None:
    refresh.must_leave_configuration(world.group)
    begin(world, None, skip_matching=False)
    refresh.must_leave_configuration(world.group)
    refresh.cancel(world.fleet, world.group, world.now, wait=False)
    begin(world, "2")
    with pytest.raises(Refused, match="An active instance refresh"):
        refresh.must_leave_configuration(world.group)


@pytest.mark.parametrize(
    ("auto_rollback", "end"), [(False, "Failed"), (True, "RollbackSuccessful")]
)
def test_what_never_becomes_healthy_ends_it_after_an_hour(
    world: World, auto_rollback: bool, end: str
) -> None:
    old = set(world.ids())
    begin(world, "2", auto_rollback=auto_rollback)
    world.step(HOUR_S - 2)
    assert status(world) == "InProgress"
    world.step(2)
    world.step()
    assert (status(world), set(world.ids(IN_SERVICE))) == (end, old)
    reason = last(world).rollback.reason if auto_rollback else last(world).end.reason  # type: ignore[union-attr]
    assert reason
    assert "is not healthy yet. That took longer than 3600 s." in reason


def test_what_is_launched_again_and_again_is_no_progress(world: World) -> None:
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    for _ in range(HOUR_S // 60):
        for pending in world.ids(PENDING):
            world.exit(pending)
        world.step(60)
    assert status(world) == "Failed"


def test_what_serves_and_dies_again_and_again_is_no_progress(world: World) -> None:
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    for _ in range(HOUR_S // 60 + 1):
        (pending, *_) = world.ids(PENDING)
        world.run(pending)
        world.check(pending)
        world.exit(pending)
        world.step(60)
    assert status(world) == "Failed"


def test_the_way_back_has_an_hour_of_its_own(world: World) -> None:
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    world.settle()
    world.step(HOUR_S - 100)
    refresh.roll_back(world.group, world.now)
    world.step(200)
    assert status(world) == "RollbackInProgress"


def test_the_way_back_fails_too(world: World) -> None:
    begin(world, "2", min_healthy_percent=90, max_healthy_percent=100)
    world.settle()
    refresh.roll_back(world.group, world.now)
    world.step(HOUR_S)
    world.step()
    assert status(world) == "RollbackFailed"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_it_ends_and_says_the_truth(seed: int) -> None:
    """A seeded walk through facts, alarms and requests while a refresh runs."""
    world, draw = World(), random.Random(seed)
    world.create(0, max_size=8, health_check_type=HealthCheckType.ELB, health_check_grace_s=5)
    world.group.configuration = version("1")
    world.set_desired(draw.randint(1, 6))
    world.settle()
    _begin(world, draw)
    for _ in range(60):
        _disturb(world, draw)
        _check(world)
    for _ in range(60):
        world.settle()
        world.step(300)
        _check(world)
    assert world.group.refresh is None
    assert len(world.ids(IN_SERVICE)) == len(world.ids()) == world.group.capacity.desired
    if status(world) in ("Successful", "RollbackSuccessful"):
        assert set(versions(world)) <= {own(world)}
    assert own(world) == ("2" if status(world) == "Successful" else "1")


def _begin(world: World, draw: random.Random) -> None:
    low = draw.choice([0, 50, 90, 100])
    preferences = Preferences(
        min_healthy_percent=low,
        max_healthy_percent=draw.choice([100, 100 + low // 2]),
        warm_up_s=draw.choice([0.0, 3.0]),
        auto_rollback=draw.random() < 0.5,
        alarms=("slow",),
    )
    refresh.start(world.group, Configuration("lt-1", "fleet", "2"), preferences, world.now)
    world.step()


def _disturb(world: World, draw: random.Random) -> None:
    instance_id = draw.choice(world.ids() or ["i-none"])
    match draw.randrange(9):
        case 0:
            world.set_desired(draw.randint(0, 8))
        case 1 | 2:
            world.run(instance_id)
        case 3:
            world.check(instance_id, healthy=draw.random() < 0.8)
        case 4:
            world.exit(instance_id)
        case 5 | 6:
            world.settle()
        case 7 if draw.random() < 0.2 and world.group.refresh:
            refresh.cancel(world.fleet, world.group, world.now, wait=draw.random() < 0.5)
            world.step()
        case 8 if draw.random() < 0.2:
            alarm(world, "slow")


def _check(world: World) -> None:
    found = seen(world)
    assert 0 <= found.percent <= 100
    assert 0 <= found.to_update <= len(last(world).outdated)
    assert (found.percent == 100) <= (found.to_update == 0)
    assert (status(world) == "Successful") <= (found == Progress(100, 0))
    assert (last(world).rollback is not None) or "Rollback" not in status(world)
    desired = world.group.capacity.desired
    assert len(world.group.alive()) <= desired + last(world).preferences.above(desired) or (
        status(world) == "Cancelling"
    )
