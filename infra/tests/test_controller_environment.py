"""What an instance of the controller writes into memory."""

from pathlib import Path

import pytest

from tests.instance import Instance
from tests.machine import CONTROLLER

SETTINGS = """AWS_REGION=eu-west-3
PARAMETER=configuration
DATABASE_HOST=journal.internal
DATABASE_SECRET=journal
"""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = Instance(tmp_path, CONTROLLER.name, CONTROLLER.module, {"settings": SETTINGS})
    has_password(made, "p1")
    made.parameter("configuration", "tick_s = 10")
    return made


def has_password(instance: Instance, password: str) -> None:
    instance.secret("journal", username="controller", password=password)


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
    assert instance.modes() == {"environment": "0o600", "controller.toml": "0o640"}
    assert oct(instance.run.stat().st_mode & 0o777) == "0o750"
    assert (instance.cloud / "groups").read_text().split()[:2] == ["controller", str(instance.run)]


def test_a_password_of_any_characters_is_one_part_of_the_address(instance: Instance) -> None:
    """RDS makes it up, of nearly all that can be printed."""
    has_password(instance, "a:b?c#d%e&f$g")
    assert instance.write() == 0
    assert "//controller:a%3Ab%3Fc%23d%25e%26f%24g@journal" in instance.files()["environment"]


@pytest.mark.parametrize("lost", ["journal", "configuration"])
def test_what_cannot_be_fetched_leaves_what_is_there(instance: Instance, lost: str) -> None:
    (instance.cloud / lost).rename(instance.cloud / "away")
    assert instance.write() != 0
    assert not instance.run.exists()

    (instance.cloud / "away").rename(instance.cloud / lost)
    assert instance.write() == 0
    before = instance.files()
    has_password(instance, "p2")
    instance.parameter("configuration", "tick_s = 20")
    (instance.cloud / lost).unlink()
    assert instance.write("refresh") != 0
    assert instance.files() == before
    assert instance.restarts() == []


def test_a_change_restarts_once(instance: Instance) -> None:
    assert instance.write() == 0
    assert instance.write("refresh") == 0
    assert instance.restarts() == []
    has_password(instance, "p2")
    assert instance.write("refresh") == 0
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart controller.service"]
    instance.parameter("configuration", "tick_s = 20")
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart controller.service"] * 2


def test_a_start_takes_a_change_up_without_a_restart(instance: Instance) -> None:
    """It runs before the daemon: systemd would wait for itself."""
    assert instance.write() == 0
    has_password(instance, "p2")
    assert instance.write() == 0
    assert ":p2@" in instance.files()["environment"]
    assert instance.restarts() == []
