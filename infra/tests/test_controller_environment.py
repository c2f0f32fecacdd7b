"""What an instance of the controller writes into memory, with the programs of AWS's and systemd's replaced."""

import json
import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "modules" / "controller" / "instance" / "controller-environment"
SETTINGS = """AWS_REGION=eu-west-3
PARAMETER=/name/controller
DATABASE_HOST=journal.internal
DATABASE_SECRET=journal
"""
AWS = """
case "$*" in
"ssm get-parameter --name /name/controller "*) cat "$CLOUD/configuration" ;;
"secretsmanager get-secret-value --secret-id journal "*) cat "$CLOUD/secret" ;;
*) exit 1 ;;
esac
"""
OTHERS = {"aws": AWS, "systemctl": 'echo "$@" >>"$CLOUD/restarts"', "chgrp": 'echo "$@" >"$CLOUD/groups"'}


class Instance:
    """Its folders, and a cloud of files."""

    def __init__(self, folder: Path) -> None:
        self.run, self.cloud, self.programs = folder / "run", folder / "cloud", folder / "bin"
        for each in (self.cloud, self.programs):
            each.mkdir()
        (folder / "settings").write_text(SETTINGS)
        text = SCRIPT.read_text().replace("/etc/controller/settings", f"{folder}/settings")
        self._program("controller-environment", text.replace("/run/controller", str(self.run)))
        for name, line in OTHERS.items():
            self._program(name, f"#!/usr/bin/bash\n{line}\n")
        self.secret("p1")
        self.configure("tick_s = 10\n")

    def secret(self, password: str) -> None:
        (self.cloud / "secret").write_text(json.dumps({"username": "controller", "password": password}))

    def configure(self, text: str) -> None:
        (self.cloud / "configuration").write_text(text)

    def write(self, *words: str) -> int:
        environment = {"PATH": f"{self.programs}:{os.environ['PATH']}", "CLOUD": str(self.cloud)}
        command = ["bash", str(self.programs / "controller-environment"), *words]
        return subprocess.run(command, env=environment, check=False).returncode

    def files(self) -> dict[str, str]:
        """What the daemon reads: the rest is of an attempt that failed."""
        names = ("environment", "controller.toml")
        return {name: (self.run / name).read_text() for name in names if (self.run / name).exists()}

    def restarts(self) -> list[str]:
        log = self.cloud / "restarts"
        return log.read_text().splitlines() if log.exists() else []

    def _program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def test_a_start_writes_all_of_it(instance: Instance) -> None:
    assert instance.write() == 0
    tls = "sslmode=verify-full&sslrootcert=/etc/controller/rds.pem"
    assert instance.files() == {
        "environment": "AWS_REGION=eu-west-3\n"
        f"CONTROLLER_JOURNAL=postgres://controller:p1@journal.internal:5432/controller?{tls}\n",
        "controller.toml": "tick_s = 10\n",
    }
    assert instance.restarts() == []


def test_the_password_is_roots_alone_and_the_configuration_the_daemons(instance: Instance) -> None:
    assert instance.write() == 0
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in instance.run.iterdir()}
    assert modes == {"environment": "0o600", "controller.toml": "0o640"}
    assert oct(instance.run.stat().st_mode & 0o777) == "0o750"
    assert (instance.cloud / "groups").read_text().split()[:2] == ["controller", str(instance.run)]


def test_a_password_of_any_characters_is_one_part_of_the_address(instance: Instance) -> None:
    """RDS makes it up, of nearly all that can be printed."""
    instance.secret("a:b?c#d%e&f$g")
    assert instance.write() == 0
    assert "//controller:a%3Ab%3Fc%23d%25e%26f%24g@journal" in instance.files()["environment"]


@pytest.mark.parametrize("lost", ["secret", "configuration"])
def test_what_cannot_be_fetched_leaves_what_is_there(instance: Instance, lost: str) -> None:
    assert instance.write() == 0
    before = instance.files()
    instance.secret("p2")
    instance.configure("tick_s = 20\n")
    (instance.cloud / lost).unlink()
    assert instance.write("refresh") != 0
    assert instance.files() == before
    assert instance.restarts() == []


def test_a_change_restarts_once(instance: Instance) -> None:
    assert instance.write() == 0
    assert instance.write("refresh") == 0
    assert instance.restarts() == []
    instance.secret("p2")
    assert instance.write("refresh") == 0
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart controller.service"]
    instance.configure("tick_s = 20\n")
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart controller.service"] * 2


def test_a_start_takes_a_change_up_without_a_restart(instance: Instance) -> None:
    """It runs before the daemon: systemd would wait for itself."""
    assert instance.write() == 0
    instance.secret("p2")
    assert instance.write() == 0
    assert ":p2@" in instance.files()["environment"]
    assert instance.restarts() == []
