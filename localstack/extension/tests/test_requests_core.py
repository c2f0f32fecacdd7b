"""What a client may ask of a group, and in which words it is refused."""

import pytest

from exstrat_extension.fleet import groups
from exstrat_extension.fleet.capacity import Capacity
from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.model import LifecycleState
from tests.fleets import World


@pytest.fixture
def world() -> World:
    made = World()
    made.create(2, min_size=2)
    made.settle()
    return made


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((5, 1, 1), "Max bound, 1, must be greater than or equal to min bound, 5"),
        ((1, 3, 5), "Desired capacity:5 must be between the specified min size:1 and max size:3"),
        ((-1, 3, 1), "Min bound, -1, must be greater than or equal to 0"),
    ],
)
def test_capacity_cannot_be_out_of_bounds(bounds: tuple[int, int, int], message: str) -> None:
    with pytest.raises(Refused) as refused:
        Capacity(*bounds)
    assert (refused.value.code, refused.value.message) == (ErrorCode.VALIDATION, message)


def test_new_bounds_take_the_desired_capacity_with_them() -> None:
    capacity = Capacity(2, 10, 4)
    assert capacity.with_bounds(6, None, None) == Capacity(6, 10, 6)
    assert capacity.with_bounds(None, 3, None) == Capacity(2, 3, 3)
    assert capacity.with_bounds(1, 5, 2) == Capacity(1, 5, 2)


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        (
            30,
            "New SetDesiredCapacity value 30 is above max value 20 for the AutoScalingGroup.",
        ),
        (1, "New SetDesiredCapacity value 1 is below min value 2 for the AutoScalingGroup."),
    ],
)
def test_desired_capacity_out_of_bounds(world: World, desired: int, message: str) -> None:
    with pytest.raises(Refused) as refused:
        world.set_desired(desired)
    assert refused.value.message == message
    assert world.group.capacity.desired == 2


def test_cooldown_counts_from_the_end_of_the_last_scaling(world: World) -> None:
    world.step(1000)
    world.set_desired(3, honor_cooldown=True)
    assert _refusal(world, 4) is ErrorCode.SCALING_ACTIVITY_IN_PROGRESS
    world.settle()
    ended = world.now
    world.now = ended + 295
    assert _refusal(world, 4) is ErrorCode.SCALING_ACTIVITY_IN_PROGRESS
    world.set_desired(4)
    world.settle()
    world.step(301)
    world.set_desired(5, honor_cooldown=True)


def test_a_replacement_starts_no_cooldown(world: World) -> None:
    world.step(1000)
    world.exit(world.ids()[0])
    world.set_desired(3, honor_cooldown=True)


def test_terminating_with_and_without_decrement(world: World) -> None:
    world.set_desired(3)
    world.settle()
    first, second, _ = world.ids()
    activity = groups.terminate_instance(world.fleet, first, world.now, decrement=True)
    world.step()
    assert world.group.capacity.desired == 2
    assert activity.cause.endswith("user request, shrinking the capacity from 3 to 2.")
    again = groups.terminate_instance(world.fleet, first, world.now, decrement=True)
    assert again is activity
    with pytest.raises(Refused, match="desiredSize equals minSize"):
        groups.terminate_instance(world.fleet, second, world.now, decrement=True)
    groups.terminate_instance(world.fleet, second, world.now, decrement=False)
    world.step()
    assert len(world.ids(LifecycleState.PENDING)) == 1


def test_deleting_needs_an_empty_group(world: World) -> None:
    with pytest.raises(Refused) as refused:
        groups.delete(world.group, force=False)
    assert refused.value.code is ErrorCode.RESOURCE_IN_USE
    groups.update(world.group, Capacity(0, 0, 0), world.group.settings, world.now)
    world.step()
    with pytest.raises(Refused) as refused:
        groups.delete(world.group, force=False)
    assert refused.value.code is ErrorCode.SCALING_ACTIVITY_IN_PROGRESS
    world.settle()
    groups.delete(world.group, force=False)
    world.step()
    assert world.fleet.groups == {}


def test_names_are_unique_and_must_be_known(world: World) -> None:
    with pytest.raises(Refused) as refused:
        groups.must_be_free(world.fleet, "g")
    assert refused.value.code is ErrorCode.ALREADY_EXISTS
    with pytest.raises(Refused, match="AutoScalingGroup name not found"):
        groups.named(world.fleet, "other")


def test_protection_is_all_or_nothing(world: World) -> None:
    known = world.ids()[0]
    with pytest.raises(Refused, match="not part of Auto Scaling group g"):
        groups.protect(world.group, [known, "i-other"], True)
    assert not world.group.instances[known].protected_from_scale_in


def test_a_users_verdict_respects_the_grace_period_if_asked(world: World) -> None:
    groups.update(
        world.group,
        world.group.capacity,
        type(world.group.settings)(world.group.settings.subnets, health_check_grace_s=600),
        world.now,
    )
    first = world.ids()[0]
    groups.set_health(world.fleet, first, world.now, healthy=False, respect_grace=True)
    world.step()
    assert world.ids(LifecycleState.TERMINATING) == []
    groups.set_health(world.fleet, first, world.now, healthy=False, respect_grace=False)
    world.step()
    assert world.ids(LifecycleState.TERMINATING) == [first]


def test_a_verdict_on_a_pending_instance_is_within_its_grace_period(world: World) -> None:
    world.set_desired(3)
    (pending,) = world.ids(LifecycleState.PENDING)
    groups.set_health(world.fleet, pending, world.now, healthy=False, respect_grace=True)
    world.step()
    assert world.ids(LifecycleState.PENDING) == [pending]
    groups.set_health(world.fleet, pending, world.now, healthy=False, respect_grace=False)
    groups.set_health(world.fleet, pending, world.now, healthy=True, respect_grace=True)
    world.step()
    assert world.ids(LifecycleState.PENDING) == [pending]


def test_unknown_processes_are_refused(world: World) -> None:
    with pytest.raises(Refused, match="Lunch is not a valid process"):
        groups.suspend(world.group, ["Lunch"], world.now)


def _refusal(world: World, desired: int) -> ErrorCode:
    with pytest.raises(Refused) as refused:
        world.set_desired(desired, honor_cooldown=True)
    return refused.value.code
