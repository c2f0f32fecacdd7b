"""Reading a report of facts: whole, or not at all."""

from typing import Any

import pytest

from exstrat_extension.fleet import facts
from tests.fleets import API, World

RUNNING = {"fact": "instance_running", "instance_id": "i-1", "port": 41234}


def test_every_kind_is_read() -> None:
    target = {"target_group_arn": API, "instance_id": "i-1"}
    report = [
        RUNNING,
        {"fact": "instance_exited", "instance_id": "i-1"},
        {"fact": "target_health", "state": "unhealthy", "reason": "Target.Timeout"} | target,
        {"fact": "target_health", "state": "healthy"} | target,
        {"fact": "target_drained"} | target,
    ]
    assert facts.parse(report) == [
        facts.InstanceRunning("i-1", 41234),
        facts.InstanceExited("i-1"),
        facts.TargetHealth(API, "i-1", False, "Target.Timeout"),
        facts.TargetHealth(API, "i-1", True, None),
        facts.TargetDrained(API, "i-1"),
    ]


@pytest.mark.parametrize(
    ("report", "named"),
    [
        ({}, "the report"),
        ([RUNNING, 7], "facts[1]"),
        ([RUNNING | {"fact": "rebooted"}], "facts[0].fact"),
        ([RUNNING | {"instance_id": ""}], "facts[0].instance_id"),
        ([RUNNING | {"port": 0}], "facts[0].port"),
        ([RUNNING | {"port": 65536}], "facts[0].port"),
        ([RUNNING | {"port": True}], "facts[0].port"),
        ([RUNNING | {"port": "80"}], "facts[0].port"),
        ([RUNNING | {"fact": "target_drained"}], "facts[0].target_group_arn"),
        ([RUNNING | {"fact": "target_health", "state": "fine"}], "facts[0].state"),
    ],
)
def test_what_is_malformed_is_named(report: Any, named: str) -> None:
    with pytest.raises(facts.MalformedFact) as error:
        facts.parse(report)
    assert str(error.value).startswith(f"{named}: found ")


def test_unknown_instances_and_targets_are_told() -> None:
    world = World()
    world.create(1)
    (known,) = world.ids()
    assert not world.report(facts.InstanceRunning("i-other", 1))
    assert not world.report(facts.InstanceExited("i-other"))
    assert not world.report(facts.TargetHealth(API, known, True, None))
    assert not world.report(facts.TargetDrained(API, known))


@pytest.mark.parametrize("port", [1, 65535])
def test_every_port_is_allowed(port: int) -> None:
    assert facts.parse([RUNNING | {"port": port}]) == [facts.InstanceRunning("i-1", port)]


def test_unhealthy_targets_keep_the_reason() -> None:
    world = World()
    world.create(1)
    (known,) = world.ids()
    world.run(known)
    assert world.report(facts.TargetHealth(API, known, False, "Target.Timeout"))
    assert world.target(API, known).reason == "Target.Timeout"
    assert world.report(facts.TargetHealth(API, known, False, None))
    assert world.target(API, known).reason == "Target.FailedHealthChecks"
    world.set_desired(0)
    assert world.report(facts.TargetDrained(API, known))
    assert world.report(facts.InstanceExited(known))


def test_running_twice_keeps_the_first_port() -> None:
    world = World()
    world.create(1)
    (instance,) = world.instances()
    assert world.report(facts.InstanceRunning(instance.instance_id, 41001))
    assert world.report(facts.InstanceRunning(instance.instance_id, 41002))
    assert instance.port == 41001
