"""What an instance of the API writes into memory, of Terraform's own text, and whether the API takes it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.instance import Instance
from tests.machine import API
from tests.terraform import NEEDS_TERRAFORM, Locals

pytestmark = NEEDS_TERRAFORM
needs_api = pytest.mark.skipif("TEST_API" not in os.environ, reason="TEST_API does not say where the program is")

HERE = dict.fromkeys(("primary_host", "replica_host", "cache_host"), "127.0.0.1")
NOBODY_LISTENS = {"port": 1, "cache_port": 1}
SECRET = "a secret that is as long as Terraform's"


def rendered(folder: Path, **connection: object) -> str:
    """Terraform's text, where this of the data is not as usual."""
    variables = API.variables | {"connection": API.variables["connection"] | connection}
    return Locals(folder, API.module, ["environment.tf"], variables).value("environment")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> str:
    return rendered(tmp_path_factory.mktemp("terraform"))


@pytest.fixture
def instance(tmp_path: Path, settings: str) -> Instance:
    made = Instance(tmp_path, API.name, API.module, {"settings": settings})
    made.secret("database_a", 24 * 40, username="exstrat_api_a", password="a1")
    made.secret("database_b", 24 * 10, username="exstrat_api_b", password="b1")
    made.secret("cache", username="api", password="c1")
    made.secret("jwt", secret=SECRET)
    made.secret("prices", key="")
    return made


def environment(instance: Instance) -> dict[str, str]:
    """The API's, as systemd reads it."""
    return dict(line.split("=", 1) for line in instance.files()["environment"].splitlines())


def user(instance: Instance) -> str:
    (user,) = {instance.files()[of].split("@")[0] for of in ("primary", "replica")}
    return user.removeprefix("postgres://")


def api(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The program itself, with these variables and no others."""
    command = [os.environ["TEST_API"], *words]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)


def test_a_start_writes_all_of_it(instance: Instance) -> None:
    assert instance.write() == 0
    written = environment(instance)
    assert written["LISTEN"] == "0.0.0.0:8080"
    assert written["JWT_SECRET"] == SECRET
    assert written["INSTANCE_ID"] == "i-1"
    assert written["REDIS_URL"] == "rediss://api:c1@redis.internal:6379"
    assert "CMC_API_KEY" not in written
    assert Path(written["DATABASE_URL_FILE"]) == instance.run / "primary"
    assert Path(written["DATABASE_REPLICA_URL_FILE"]) == instance.run / "replica"
    tls = "sslmode=verify-full&sslrootcert=/etc/pki/tls/certs/ca-bundle.crt"
    assert instance.files()["primary"] == f"postgres://exstrat_api_b:b1@proxy.internal:5432/exstrat?{tls}\n"
    assert instance.modes() == dict.fromkeys(["environment", "primary", "replica"], "0o600")
    assert instance.restarts() == []


@needs_api
def test_the_api_knows_each_variable(instance: Instance) -> None:
    """It passes over those that it does not know, such as one that is misspelt. Some are for the script itself."""
    instance.secret("prices", key="k")
    assert instance.write() == 0
    known = set(re.findall(r"(?:\[env: |`)([A-Z_]+)(?:=|\]|`)", api("serve", "--help").stdout))
    assert set(environment(instance)) - known == set(re.findall(r"(?:\$\{?|export )([A-Z][A-Z_]+)", instance.script))


@needs_api
def test_the_api_takes_each_value_and_misses_none(instance: Instance, tmp_path: Path) -> None:
    """What it cannot take, it says before it asks anybody; here it asks, and nobody listens."""
    instance.tell("settings", rendered(tmp_path, **HERE, **NOBODY_LISTENS))
    assert instance.write() == 0
    said = api("check", **environment(instance)).stdout.splitlines()
    assert [line.split(": 127.0.0.1:1")[0] for line in said] == [
        "ok      JWT_SECRET is long enough",
        "failed  the database answers",
        "failed  the replica answers",
        "failed  Redis answers",
    ]


def test_without_a_replica_there_is_no_address_of_one(instance: Instance, tmp_path: Path) -> None:
    instance.tell("settings", rendered(tmp_path, replica_host=None))
    assert instance.write() == 0
    assert "DATABASE_REPLICA_URL_FILE" not in environment(instance)
    assert "replica" not in instance.files()


@pytest.mark.parametrize(
    ("age_a", "age_b", "chosen"),
    [
        (960, 240, "exstrat_api_b:b1"),
        (240, 960, "exstrat_api_a:a1"),
        (0.9, 720, "exstrat_api_b:b1"),
        (1.1, 720, "exstrat_api_a:a1"),
        (0.2, 0.1, "exstrat_api_a:a1"),
    ],
)
def test_the_user_is_the_newest_that_is_an_hour_old(
    instance: Instance, age_a: float, age_b: float, chosen: str
) -> None:
    instance.secret("database_a", age_a, username="exstrat_api_a", password="a1")
    instance.secret("database_b", age_b, username="exstrat_api_b", password="b1")
    assert instance.write() == 0
    assert user(instance) == chosen


@pytest.mark.parametrize("lost", ["database_a", "database_b", "cache", "jwt", "prices"])
def test_what_cannot_be_fetched_leaves_what_is_there(instance: Instance, lost: str) -> None:
    """Else an empty secret would be written, and the API would start with it."""
    (instance.cloud / lost).rename(instance.cloud / "away")
    assert instance.write() != 0
    assert not instance.run.exists()

    (instance.cloud / "away").rename(instance.cloud / lost)
    assert instance.write() == 0
    before = environment(instance)
    instance.secret("jwt", secret="j2")
    (instance.cloud / lost).unlink()
    assert instance.write() != 0
    assert environment(instance) == before
    assert instance.write("refresh") != 0
    assert environment(instance) == before
    assert instance.restarts() == []


def test_rotated_passwords_restart_nothing(instance: Instance) -> None:
    assert instance.write() == 0
    instance.secret("database_a", 2, username="exstrat_api_a", password="a2")
    instance.secret("cache", username="api", password="c2")
    assert instance.write("refresh") == 0
    assert user(instance) == "exstrat_api_a:a2"
    assert environment(instance)["REDIS_URL"] == "rediss://api:c2@redis.internal:6379"
    assert instance.restarts() == []


@pytest.mark.parametrize(("name", "value"), [("jwt", {"secret": "j2"}), ("prices", {"key": "k"})])
def test_what_changes_by_hand_restarts_once(instance: Instance, name: str, value: dict[str, str]) -> None:
    assert instance.write() == 0
    instance.secret(name, **value)
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart api.service"]
    assert instance.write("refresh") == 0
    assert instance.restarts() == ["restart api.service"]
