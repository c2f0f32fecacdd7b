"""What makes an instance, run as cloud-init and Image Builder run it."""

from pathlib import Path

import pytest

from tests.machine import API, CONTROLLER, PROGRAM, STUBS, Machine
from tests.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM


@pytest.fixture(params=[API, CONTROLLER], ids=lambda daemon: daemon.name)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return Machine(tmp_path, request.param)


def is_enabled(machine: Machine) -> bool:
    return any(call.startswith("enable") for call in machine.calls("systemctl"))


def must_be_nothing(machine: Machine, script: str, told: str) -> None:
    done = machine.run(script)
    assert done.returncode != 0
    assert told in done.stderr
    assert machine.files() == {}
    assert machine.calls("useradd") == []
    assert not is_enabled(machine)


def test_all_is_in_its_place_and_started_last(machine: Machine) -> None:
    done = machine.run("user_data")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.files() == machine.wanted()
    assert list((machine.root / "root").iterdir()) == []
    name = machine.daemon.name
    assert machine.calls("useradd") == [f"--system --shell /sbin/nologin {name}"]
    units = f"{name}.service {name}-environment.timer logrotate.timer"
    assert machine.calls("systemctl") == ["daemon-reload", f"enable --now --no-block {units}"]
    assert machine.calls("shutdown") == []


@pytest.mark.parametrize("program", ["dnf", "aws", "curl"])
def test_what_cannot_be_fetched_is_told_and_leaves_nothing(machine: Machine, program: str) -> None:
    """Also where half of it has come."""
    machine.does(program, f"{STUBS[program]}\necho '{program} cannot' >&2; exit 7")
    must_be_nothing(machine, "user_data", f"{program} cannot")


def test_another_program_is_refused(machine: Machine) -> None:
    machine.released(f"{PROGRAM}exit 0\n")
    must_be_nothing(machine, "user_data", "did NOT match")


def test_a_daemon_that_is_not_there_is_an_instance_that_ends(tmp_path: Path) -> None:
    """The load balancer finds an API that does not serve. A controller is asked by nobody."""
    machine = Machine(tmp_path, CONTROLLER)
    machine.does("aws", "exit 1")
    machine.run("user_data")
    assert machine.calls("shutdown") == ["-h now"]


def test_without_an_agent_it_serves_all_the_same(machine: Machine) -> None:
    machine.does("agent", "exit 1")
    done = machine.run("user_data")
    assert done.returncode == 0
    assert "no agent" in done.stderr
    assert is_enabled(machine)


def test_a_baked_instance_is_as_one_that_installs_itself(tmp_path: Path) -> None:
    machine = Machine(tmp_path, API, install="baked")
    assert machine.run("install").returncode == 0
    assert machine.calls("systemctl") == ["daemon-reload"], "nothing starts where an image is baked"
    for program in ("dnf", "aws", "curl", "useradd"):
        machine.does(program, "exit 1")
    assert machine.run("user_data").returncode == 0
    assert machine.files() == machine.wanted()
    assert is_enabled(machine)


def test_a_program_that_does_not_run_is_not_baked(tmp_path: Path) -> None:
    """As one of another architecture would be, with the right checksum."""
    machine = Machine(tmp_path, API, install="baked", program="#!/usr/bin/bash\necho 'cannot execute' >&2; exit 126\n")
    must_be_nothing(machine, "install", "cannot execute")
