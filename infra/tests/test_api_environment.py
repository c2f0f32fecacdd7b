"""What an instance of the API writes into memory, with the programs of AWS's and systemd's replaced."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "modules" / "app" / "instance" / "api-environment"
SETTINGS = """# A comment.
LISTEN=0.0.0.0:8080
AWS_REGION=eu-west-3
PRIMARY_HOST=proxy.internal
REPLICA_HOST=replica.internal
DATABASE_PORT=5432
DATABASE_NAME=exstrat
CACHE_HOST=redis.internal
CACHE_PORT=6379
DATABASE_SECRET_A=database-a
DATABASE_SECRET_B=database-b
CACHE_SECRET=cache
JWT_SECRET_ARN=jwt
PRICES_SECRET=prices
"""
AWS = """#!/usr/bin/bash
set -euo pipefail
case "$1 $2" in
"ssm get-parameter") cat "$CLOUD/settings" ;;
"secretsmanager get-secret-value")
    if [[ $* == *"--output json"* ]]; then cat "$CLOUD/$4"; else jq -r .SecretString "$CLOUD/$4"; fi ;;
esac
"""
OTHERS = {
    "ec2-metadata": "[[ $1 == --instance-id ]] && echo i-1 || echo eu-west-3a",
    "systemctl": 'echo "$@" >>"$CLOUD/restarts"',
}
"""`chown` and `chgrp` are there too: the user `api` is not."""


class Instance:
    """Its folders, and a cloud of files."""

    def __init__(self, folder: Path) -> None:
        self.run, self.cloud, self.programs = folder / "run" / "api", folder / "cloud", folder / "bin"
        for each in (self.run.parent, self.cloud, self.programs, folder / "etc"):
            each.mkdir()
        (folder / "etc" / "parameter").write_text("/name/api/environment")
        (self.cloud / "settings").write_text(SETTINGS)
        text = SCRIPT.read_text().replace("run=/run/api", f"run={self.run}")
        self.program("api-environment", text.replace("/etc/api/parameter", f"{folder}/etc/parameter"))
        self.program("aws", AWS)
        for name, line in {**OTHERS, "chown": "", "chgrp": ""}.items():
            self.program(name, f"#!/usr/bin/bash\n{line}\n")
        self.secret("database-a", 24 * 40, username="exstrat_api_a", password="a1")
        self.secret("database-b", 24 * 10, username="exstrat_api_b", password="b1")
        self.secret("cache", username="api", password="c1")
        self.secret("jwt", secret="j1")
        self.secret("prices", key="")

    def program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def secret(self, name: str, age_h: float = 100, /, **value: str) -> None:
        made = (datetime.now(UTC) - timedelta(hours=age_h)).isoformat()
        (self.cloud / name).write_text(json.dumps({"CreatedDate": made, "SecretString": json.dumps(value)}))

    def write(self, *words: str) -> int:
        path = f"{self.programs}:{os.environ['PATH']}"
        environment = {"PATH": path, "CLOUD": str(self.cloud)}
        done = subprocess.run(["bash", self.programs / "api-environment", *words], env=environment, check=False)
        assert sorted(self.run.parent.iterdir()) == ([self.run] if self.run.exists() else []), "nothing is left over"
        return done.returncode

    def environment(self) -> dict[str, str]:
        lines = (self.run / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def user(self) -> str:
        users = {(self.run / of).read_text().split("@")[0] for of in ("primary", "replica")}
        (user,) = users
        return user.removeprefix("postgres://")

    def restarts(self) -> int:
        log = self.cloud / "restarts"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def test_a_start_writes_all_of_it(instance: Instance) -> None:
    assert instance.write() == 0
    environment = instance.environment()
    assert environment["LISTEN"] == "0.0.0.0:8080"
    assert environment["JWT_SECRET"] == "j1"
    assert environment["INSTANCE_ID"] == "i-1"
    assert environment["REDIS_URL"] == "rediss://api:c1@redis.internal:6379"
    assert "CMC_API_KEY" not in environment
    assert Path(environment["DATABASE_URL_FILE"]) == instance.run / "primary"
    assert Path(environment["DATABASE_REPLICA_URL_FILE"]) == instance.run / "replica"
    primary = (instance.run / "primary").read_text().strip()
    tls = "sslmode=verify-full&sslrootcert=/etc/pki/tls/certs/ca-bundle.crt"
    assert primary == f"postgres://exstrat_api_b:b1@proxy.internal:5432/exstrat?{tls}"
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in instance.run.iterdir()}
    assert modes == dict.fromkeys(["settings", "environment", "primary", "replica"], "0o600")
    assert instance.restarts() == 0


def test_without_a_replica_there_is_no_address_of_one(instance: Instance) -> None:
    (instance.cloud / "settings").write_text(SETTINGS.replace("replica.internal", ""))
    assert instance.write() == 0
    assert "DATABASE_REPLICA_URL_FILE" not in instance.environment()
    assert not (instance.run / "replica").exists()


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
    instance.secret("database-a", age_a, username="exstrat_api_a", password="a1")
    instance.secret("database-b", age_b, username="exstrat_api_b", password="b1")
    assert instance.write() == 0
    assert instance.user() == chosen


@pytest.mark.parametrize("lost", ["settings", "database-a", "database-b", "cache", "jwt", "prices"])
def test_what_cannot_be_fetched_leaves_what_is_there(instance: Instance, lost: str) -> None:
    """Else an empty secret would be written, and the API would start with it."""
    (instance.cloud / lost).rename(instance.cloud / "away")
    assert instance.write() != 0
    assert not instance.run.exists()

    (instance.cloud / "away").rename(instance.cloud / lost)
    assert instance.write() == 0
    before = instance.environment()
    instance.secret("jwt", secret="j2")
    (instance.cloud / lost).unlink()
    assert instance.write() != 0
    assert instance.environment() == before
    if lost != "settings":
        assert instance.write("refresh") != 0
        assert instance.environment() == before
        assert instance.restarts() == 0


def test_rotated_passwords_restart_nothing(instance: Instance) -> None:
    assert instance.write() == 0
    instance.secret("database-a", 2, username="exstrat_api_a", password="a2")
    instance.secret("cache", username="api", password="c2")
    assert instance.write("refresh") == 0
    assert instance.user() == "exstrat_api_a:a2"
    assert instance.environment()["REDIS_URL"] == "rediss://api:c2@redis.internal:6379"
    assert instance.restarts() == 0


@pytest.mark.parametrize(("name", "value"), [("jwt", {"secret": "j2"}), ("prices", {"key": "k"})])
def test_what_changes_by_hand_restarts_once(instance: Instance, name: str, value: dict[str, str]) -> None:
    assert instance.write() == 0
    instance.secret(name, **value)
    assert instance.write("refresh") == 0
    assert instance.restarts() == 1
    assert instance.write("refresh") == 0
    assert instance.restarts() == 1


def test_other_settings_wait_for_the_deploy(instance: Instance) -> None:
    assert instance.write() == 0
    (instance.cloud / "settings").write_text(SETTINGS.replace("8080", "9090"))
    assert instance.write("refresh") == 0
    assert instance.environment()["LISTEN"] == "0.0.0.0:8080"
    assert instance.restarts() == 0
