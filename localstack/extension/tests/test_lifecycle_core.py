"""An instance's way through its states, on virtual time."""

import random
from collections import Counter

import pytest

from exstrat_extension.fleet import facts, groups
from exstrat_extension.fleet.model import (
    ActivityStatus,
    HealthCheckType,
    LifecycleState,
    TargetState,
    TerminationPolicy,
)
from exstrat_extension.fleet.reconcile import reconcile
from tests.fleets import API, DASHBOARD, World

PENDING, IN_SERVICE, TERMINATING = LifecycleState


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_group_launches_across_the_zones(world: World) -> None:
    world.create(7)
    per_zone = Counter(i.subnet.availability_zone for i in world.instances(PENDING))
    assert sorted(per_zone.values()) == [2, 2, 3]


def test_in_service_needs_every_target_group(world: World) -> None:
    world.create(1)
    (instance_id,) = world.ids()
    world.run(instance_id)
    assert world.target(API, instance_id).state is TargetState.INITIAL
    world.check(instance_id, DASHBOARD)
    assert world.ids(PENDING) == [instance_id]
    world.check(instance_id, API)
    assert world.ids(IN_SERVICE) == [instance_id]
    (launch,) = world.group.activities
    assert launch.status is ActivityStatus.SUCCESSFUL


def test_without_target_groups_running_is_in_service(world: World) -> None:
    group = world.create(1)
    groups.detach(world.fleet, group, [DASHBOARD, API])
    world.run(world.ids()[0])
    assert len(world.ids(IN_SERVICE)) == 1


def test_reconcile_is_idempotent(world: World) -> None:
    world.create(3)
    world.settle()
    before = (world.ids(), len(world.group.activities))
    for _ in range(5):
        reconcile(world.fleet, world.now)
    assert (world.ids(), len(world.group.activities)) == before


def test_scale_in_takes_the_fullest_zone_and_then_the_oldest(world: World) -> None:
    world.create(4)
    world.settle()
    oldest = world.ids()[0]
    world.set_desired(3)
    assert world.ids(TERMINATING) == [oldest]
    assert {t.state for t in world.fleet.targets_of(oldest)} == {TargetState.DRAINING}


def test_newest_instance_goes_first_if_so_configured(world: World) -> None:
    world.create(4, termination_policies=(TerminationPolicy.NEWEST_INSTANCE,))
    world.settle()
    newest = world.ids()[3]
    world.set_desired(3)
    assert world.ids(TERMINATING) == [newest]


def test_an_instance_is_drained_when_every_target_group_says_so(world: World) -> None:
    world.create(1)
    world.settle()
    (instance,) = world.instances()
    world.set_desired(0)
    assert not world.fleet.drained(instance)
    world.report(facts.TargetDrained(DASHBOARD, instance.instance_id))
    assert not world.fleet.drained(instance)
    world.report(facts.TargetDrained(API, instance.instance_id))
    assert world.fleet.drained(instance)
    assert world.instances() == [instance]
    world.exit(instance.instance_id)
    assert world.instances() == []
    assert world.group.activities[-1].status is ActivityStatus.SUCCESSFUL


def test_a_pending_instance_is_drained_at_once_and_its_launch_cancelled(world: World) -> None:
    world.create(1)
    (instance,) = world.instances()
    world.set_desired(0)
    assert instance.terminating
    assert world.fleet.drained(instance)
    assert instance.launch.status is ActivityStatus.CANCELLED


def test_an_instance_nobody_saw_is_gone_at_once(world: World) -> None:
    group = world.create(1)
    world.set_desired(2)
    seen, unseen = world.instances()
    unseen.seen = False
    groups.delete(group, force=True)
    reconcile(world.fleet, world.now)
    assert world.instances() == [seen]
    world.exit(seen.instance_id)
    assert world.fleet.groups == {}


def test_an_exit_is_replaced(world: World) -> None:
    world.create(2)
    world.settle()
    lost, kept = world.ids()
    world.exit(lost)
    assert world.ids(IN_SERVICE) == [kept]
    assert len(world.ids(PENDING)) == 1
    assert lost not in world.fleet.targets[API]
    terminated, launched = list(world.group.activities)[-2:]
    assert terminated.status is ActivityStatus.SUCCESSFUL
    assert "EC2 health check" in terminated.cause
    assert "unhealthy instance needing to be replaced" in launched.cause


@pytest.mark.parametrize("process", ["ReplaceUnhealthy", "Launch"])
def test_no_replacement_while_suspended(world: World, process: str) -> None:
    group = world.create(2)
    world.settle()
    groups.suspend(group, [process], world.now)
    world.exit(world.ids()[0])
    world.step()
    assert len(world.ids()) == 1
    groups.resume(group, [process])
    world.step()
    assert len(world.ids(PENDING)) == 1


def test_suspended_replacement_does_not_stop_scaling_out(world: World) -> None:
    group = world.create(2)
    world.settle()
    groups.suspend(group, ["ReplaceUnhealthy"], world.now)
    world.exit(world.ids()[0])
    world.set_desired(4)
    assert len(world.group.alive()) == 3


def test_suspended_launch_and_terminate_hold_the_size(world: World) -> None:
    group = world.create(2)
    world.settle()
    groups.suspend(group, ["Launch", "Terminate"], world.now)
    world.set_desired(4)
    assert len(world.ids()) == 2
    world.set_desired(1)
    assert world.ids(TERMINATING) == []
    groups.resume(group, [])
    world.step()
    assert len(world.ids(TERMINATING)) == 1


def test_a_failing_launch_is_retried_with_a_growing_delay(world: World) -> None:
    world.create(1)
    delays = []
    for _ in range(4):
        (instance,) = world.instances(PENDING)
        world.exit(instance.instance_id)
        assert instance.launch.status is ActivityStatus.FAILED
        waited = 0
        while not world.instances(PENDING):
            world.step()
            waited += 1
        delays.append(waited)
    assert delays == [0, 0, 1, 3]


def test_elb_health_counts_after_the_grace_period(world: World) -> None:
    world.create(1, health_check_type=HealthCheckType.ELB, health_check_grace_s=30)
    world.settle()
    (instance_id,) = world.ids()
    world.check(instance_id, API, healthy=False)
    assert world.ids(IN_SERVICE) == [instance_id]
    world.step(30)
    assert world.ids(TERMINATING) == [instance_id]
    assert len(world.ids(PENDING)) == 1
    assert "ELB system health check failure" in world.group.activities[-2].cause


def test_an_instance_that_never_gets_healthy_is_replaced(world: World) -> None:
    world.create(1, health_check_type=HealthCheckType.ELB, health_check_grace_s=30)
    (instance_id,) = world.ids()
    world.step(100)
    world.run(instance_id)
    world.check(instance_id, healthy=False)
    assert world.ids(PENDING) == [instance_id]
    world.step(27)
    assert world.ids(TERMINATING) == [instance_id]


@pytest.mark.parametrize("process", ["ReplaceUnhealthy", "Terminate", "HealthCheck"])
def test_unhealthy_instances_stay_while_suspended(world: World, process: str) -> None:
    group = world.create(1, health_check_type=HealthCheckType.ELB)
    world.settle()
    groups.suspend(group, [process], world.now)
    world.check(world.ids()[0], healthy=False)
    assert world.ids(TERMINATING) == []
    groups.resume(group, [process])
    world.step()
    assert len(world.ids(TERMINATING)) == 1


def test_causes_say_from_what_to_what(world: World) -> None:
    world.create(2)
    world.settle()
    world.set_desired(4)
    grown = world.group.activities[-1].cause
    assert grown.startswith("At 2026-11-23T")
    assert "set group desired capacity changing the desired capacity from 2 to 4." in grown
    assert "an instance was started" in grown
    assert grown.endswith("increasing the capacity from 2 to 4.")
    world.settle()
    world.set_desired(3)
    shrunk = world.group.activities[-1]
    assert "taken out of service" in shrunk.cause
    assert "shrinking the capacity from 4 to 3." in shrunk.cause
    (victim,) = world.ids(TERMINATING)
    assert shrunk.cause.endswith(f"instance {victim} was selected for termination.")


def test_two_losses_are_two_replacements(world: World) -> None:
    world.create(3)
    world.settle()
    first, second, _ = world.ids()
    groups.suspend(world.group, ["Launch"], world.now)
    world.exit(first)
    world.exit(second)
    world.set_desired(4)
    groups.resume(world.group, ["Launch"])
    world.step()
    causes = [i.launch.cause for i in world.instances(PENDING)]
    assert ["needing to be replaced" in cause for cause in causes] == [True, True, False]


def test_ec2_health_ignores_targets(world: World) -> None:
    world.create(1)
    world.settle()
    world.check(world.ids()[0], healthy=False)
    world.step(1000)
    assert len(world.ids(IN_SERVICE)) == 1


def test_a_draining_target_stays_so_whatever_its_checks_say(world: World) -> None:
    world.create(1)
    world.settle()
    (instance_id,) = world.ids()
    world.set_desired(0)
    world.check(instance_id, API)
    assert world.target(API, instance_id).state is TargetState.DRAINING


def test_protected_instances_are_spared(world: World) -> None:
    group = world.create(3)
    world.settle()
    first, second, third = world.ids()
    groups.protect(group, [first, third], True)
    world.set_desired(1)
    assert world.ids(TERMINATING) == [second]
    assert group.capacity.desired == 1


def test_a_forced_delete_ends_protected_instances_too(world: World) -> None:
    group = world.create(2, protect_new_instances=True)
    world.settle()
    groups.delete(group, force=True)
    world.step()
    assert len(world.ids(TERMINATING)) == 2
    world.settle()
    assert world.fleet.groups == {}


def test_attach_registers_and_detach_drains(world: World) -> None:
    group = world.create(1)
    world.settle()
    (instance_id,) = world.ids()
    groups.attach(world.fleet, group, ["arn:new"])
    assert world.target("arn:new", instance_id).state is TargetState.INITIAL
    assert world.ids(IN_SERVICE) == [instance_id]
    groups.detach(world.fleet, group, ["arn:new"])
    assert world.target("arn:new", instance_id).state is TargetState.DRAINING


def test_an_instance_gone_from_ec2_is_replaced(world: World) -> None:
    world.create(1)
    world.settle()
    (instance_id,) = world.ids()
    groups.vanished(world.fleet, instance_id)
    world.step()
    assert world.ids(TERMINATING) == [instance_id]
    assert len(world.ids(PENDING)) == 1


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_the_group_comes_to_rest_at_its_size(seed: int) -> None:
    """A seeded walk through requests and facts; after each step what must hold, holds."""
    world, draw = World(), random.Random(seed)
    world.create(3, max_size=8, health_check_type=HealthCheckType.ELB, health_check_grace_s=5)
    for _ in range(80):
        _disturb(world, draw)
        assert len(world.group.alive()) <= 8
        for activity in world.group.activities:
            assert (activity.ended_at is None) == (activity.status is ActivityStatus.IN_PROGRESS)
        for instance in world.instances(IN_SERVICE):
            assert instance.launch.status is ActivityStatus.SUCCESSFUL
    for _ in range(4):
        world.step(60)
        world.settle()
    assert len(world.ids(IN_SERVICE)) == len(world.ids()) == world.group.capacity.desired
    assert set(world.fleet.targets[API]) == set(world.ids())


def _disturb(world: World, draw: random.Random) -> None:
    instance_id = draw.choice(world.ids() or ["i-none"])
    match draw.randrange(7):
        case 0:
            world.set_desired(draw.randint(0, 8))
        case 1 | 2:
            world.run(instance_id)
        case 3:
            world.check(instance_id, draw.choice([API, DASHBOARD]), healthy=draw.random() < 0.7)
        case 4:
            world.drain(instance_id)
        case 5:
            world.exit(instance_id)
        case 6:
            world.settle()
