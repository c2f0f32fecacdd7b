"""Step scaling, as an alarm that lasts would invoke it every minute."""

from dataclasses import replace

from exstrat_extension.fleet import groups
from exstrat_extension.fleet.stepping import AdjustmentType, Step, StepPolicy, execute
from tests.fleets import World

WARM_UP_S = 100.0
NET = StepPolicy("net", AdjustmentType.PERCENT, (Step(30, lower=0.0),), 2, WARM_UP_S)


def fire(world: World, policy: StepPolicy = NET, breach: float = 1.0) -> int:
    execute(world.group, policy, "slow", breach, world.now)
    world.step()
    return world.group.capacity.desired


def warm(world: World) -> World:
    world.settle()
    world.step(WARM_UP_S)
    return world


def ready(desired: int, max_size: int = 20) -> World:
    world = World()
    world.create(desired, max_size=max_size)
    return warm(world)


def test_it_adds_once_until_what_it_added_is_warm() -> None:
    world = ready(3)
    assert [fire(world), fire(world)] == [5, 5]
    world.settle()
    assert fire(world) == 5
    assert fire(warm(world)) == 7
    assert "a monitor alarm slow in state ALARM triggered policy net" in world.group.cause
    assert "from 5 to 7" in world.group.cause


def test_a_percentage_is_rounded_towards_zero_and_is_one_at_least() -> None:
    assert fire(ready(9)) == 9 + 2
    assert fire(ready(10), replace(NET, steps=(Step(38, lower=0.0),))) == 10 + 3
    assert fire(ready(2), replace(NET, min_magnitude=0)) == 2 + 1


def test_it_stays_within_the_bounds_and_its_steps() -> None:
    assert fire(ready(3, max_size=4)) == 4
    assert fire(ready(3), breach=-0.5) == 3


def test_a_larger_step_adds_the_difference() -> None:
    policy = StepPolicy(
        "two",
        AdjustmentType.CHANGE,
        (Step(1, lower=0.0, upper=10.0), Step(3, lower=10.0)),
        warm_up_s=WARM_UP_S,
    )
    world = ready(5)
    assert [fire(world, policy, 1.0), fire(world, policy, 11.0)] == [6, 8]


def test_a_suspended_notification_does_nothing() -> None:
    world = ready(3)
    groups.suspend(world.group, ["AlarmNotification"], world.now)
    assert fire(world) == 3


def test_an_exact_capacity() -> None:
    policy = StepPolicy("exact", AdjustmentType.EXACT, (Step(4),))
    assert fire(ready(6), policy) == 4
