"""Instance refresh, on virtual time."""

import pytest

from exstrat_extension.fleet import groups, refresh
from exstrat_extension.fleet.errors import Refused
from exstrat_extension.fleet.model import LifecycleState, RefreshStatus
from tests.fleets import World

PENDING, IN_SERVICE, TERMINATING = LifecycleState


@pytest.fixture
def world() -> World:
    """Three instances of version 1."""
    world = World()
    world.create(0).version = "1"
    world.set_desired(3)
    world.settle()
    return world


def versions(world: World) -> list[str]:
    return sorted(str(i.version) for i in world.instances(IN_SERVICE))


def begin(world: World, version: str | None, *, skip_matching: bool = True) -> None:
    refresh.start(world.group, version, world.now, skip_matching=skip_matching)
    world.step()


def test_new_ones_serve_before_old_ones_leave(world: World) -> None:
    begin(world, "2")
    seen = []
    while world.group.refresh:
        seen.append((len(world.ids(IN_SERVICE)), len(world.ids(PENDING))))
        world.settle()
    assert set(seen) == {(3, 1)}
    assert versions(world) == ["2", "2", "2"]
    assert world.group.version == "2"
    assert world.group.refreshes[-1].status is RefreshStatus.SUCCESSFUL
    assert len(world.group.alive()) == 3


def test_a_fifth_more_at_once(world: World) -> None:
    world.set_desired(10)
    world.settle()
    begin(world, "2")
    assert len(world.ids(PENDING)) == 2


def test_until_it_has_succeeded_the_group_has_the_version_before(world: World) -> None:
    begin(world, "2")
    assert world.group.version == "1"
    refresh.cancel(world.group, world.now)
    world.settle()
    assert (world.group.version, world.group.refresh) == ("1", None)
    world.set_desired(4)
    world.settle()
    assert world.instances()[-1].version == "1"
    assert world.group.refreshes[-1].status is RefreshStatus.CANCELLED


def test_the_way_back_replaces_only_what_is_new(world: World) -> None:
    """As the runbook goes it: the group was set to the new version before the refresh began."""
    world.group.version = "2"
    begin(world, None)
    world.settle()
    refresh.cancel(world.group, world.now)
    stay = {i.instance_id for i in world.group.alive() if i.version == "1"}
    assert stay
    begin(world, "1")
    while world.group.refresh:
        world.settle()
    assert versions(world) == ["1", "1", "1"]
    assert world.group.version == "1"
    assert stay <= set(world.ids())


def test_without_skipping_all_are_replaced(world: World) -> None:
    before = set(world.ids())
    begin(world, None, skip_matching=False)
    while world.group.refresh:
        world.settle()
    assert not before & set(world.ids())


def test_one_at_a_time_and_none_to_cancel(world: World) -> None:
    with pytest.raises(Refused, match="No in progress"):
        refresh.cancel(world.group, world.now)
    begin(world, "2")
    with pytest.raises(Refused, match="already in progress"):
        begin(world, "3")


def test_suspended_it_waits(world: World) -> None:
    groups.suspend(world.group, ["InstanceRefresh"], world.now)
    begin(world, "2")
    world.settle()
    assert versions(world) == ["1", "1", "1"]
    groups.resume(world.group, ["InstanceRefresh"])
    world.step()
    assert len(world.ids(PENDING)) == 1


def test_a_group_that_is_deleted_ends_its_refresh(world: World) -> None:
    begin(world, "2")
    groups.delete(world.group, force=True)
    world.step()
    assert world.ids(PENDING) == world.ids(IN_SERVICE) == []
