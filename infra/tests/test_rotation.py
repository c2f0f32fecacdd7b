"""The rotation of the cache's password, against a Secrets Manager and an ElastiCache of dictionaries."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "modules" / "data" / "rotation" / "cache.py"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class NotFoundError(Exception):
    pass


class Cloud:
    """Both services: a secret's versions and their stages, and the passwords that the cache takes."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.stages: dict[str, str] = {}
        self.passwords: list[str] = []
        self.statuses = ["active"]
        self._made = 0

    def get_random_password(self, **_: Any) -> dict[str, str]:
        self._made += 1
        return {"RandomPassword": f"password-{self._made}"}

    def get_secret_value(self, SecretId: str, VersionStage: str, VersionId: str | None = None) -> dict[str, str]:  # noqa: N803
        version = self.stages.get(VersionStage)
        if version is None or VersionId not in (None, version):
            raise NotFoundError
        return {"SecretString": self.versions[version]}

    def put_secret_value(self, ClientRequestToken: str, SecretString: str, VersionStages: list[str], **_: Any) -> None:  # noqa: N803
        self.versions[ClientRequestToken] = SecretString
        self.stages |= dict.fromkeys(VersionStages, ClientRequestToken)

    def describe_secret(self, **_: Any) -> dict[str, Any]:
        names = {version: [stage for stage, of in self.stages.items() if of == version] for version in self.versions}
        return {"VersionIdsToStages": names}

    def update_secret_version_stage(
        self,
        VersionStage: str,  # noqa: N803
        MoveToVersionId: str,  # noqa: N803
        RemoveFromVersionId: str | None = None,  # noqa: N803
        **_: Any,
    ) -> None:
        assert self.stages.get(VersionStage) == RemoveFromVersionId, "AWS refuses to move a stage from elsewhere"
        assert MoveToVersionId != RemoveFromVersionId, "AWS refuses to move a stage to where it is"
        self.stages[VersionStage] = MoveToVersionId

    def describe_users(self, **_: Any) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"Users": [{"Status": status}]}

    def modify_user(self, AuthenticationMode: dict[str, Any], **_: Any) -> None:  # noqa: N803
        assert self.statuses == ["active"], "AWS refuses to change a user that is being changed"
        passwords = AuthenticationMode["Passwords"]
        assert len(set(passwords)) == len(passwords), "AWS refuses a password that is there twice"
        self.passwords = passwords

    def current(self) -> str:
        return str(json.loads(self.versions[self.stages["AWSCURRENT"]])["password"])


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def rotation(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Lambda brings boto3; here it is the cloud."""
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda _: cloud))
    monkeypatch.setenv("USER_NAME", "api")
    monkeypatch.setenv("USER_ID", "exstrat-api")
    spec = importlib.util.spec_from_file_location("cache_rotation", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    clock = iter(range(0, 100_000, 5))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None))
    return module


def rotate(rotation: ModuleType, token: str, *steps: str) -> None:
    for step in steps or STEPS:
        rotation.handler({"SecretId": "cache", "ClientRequestToken": token, "Step": step}, None)


def test_the_first_rotation_opens_the_user(rotation: ModuleType, cloud: Cloud) -> None:
    rotate(rotation, "one")
    assert json.loads(cloud.versions["one"]) == {"username": "api", "password": "password-1"}
    assert cloud.passwords == ["password-1"]
    assert cloud.stages["AWSCURRENT"] == "one"


def test_the_password_in_force_is_taken_until_the_next_rotation(rotation: ModuleType, cloud: Cloud) -> None:
    rotate(rotation, "one")
    rotate(rotation, "two", "createSecret", "setSecret")
    assert cloud.current() == "password-1"
    assert cloud.passwords == ["password-2", "password-1"]
    rotate(rotation, "two", "testSecret", "finishSecret")
    assert cloud.current() == "password-2"
    rotate(rotation, "three")
    assert cloud.passwords == ["password-3", "password-2"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_called_again_changes_nothing(rotation: ModuleType, cloud: Cloud, step: str) -> None:
    """Secrets Manager does, after a failure."""
    rotate(rotation, "one")
    rotate(rotation, "two", *STEPS[: STEPS.index(step) + 1])
    before = (dict(cloud.versions), dict(cloud.stages), list(cloud.passwords))
    rotate(rotation, "two", step)
    assert (cloud.versions, cloud.stages, cloud.passwords) == before


def test_a_rotation_that_is_done_can_be_called_again(rotation: ModuleType, cloud: Cloud) -> None:
    rotate(rotation, "one")
    rotate(rotation, "one")
    assert cloud.passwords == [cloud.current()] == ["password-1"]


def test_a_user_that_is_being_changed_is_waited_for(rotation: ModuleType, cloud: Cloud) -> None:
    rotate(rotation, "one", "createSecret")
    cloud.statuses = ["modifying", "modifying", "active"]
    rotate(rotation, "one", "setSecret")
    assert cloud.passwords == ["password-1"]


def test_a_user_that_stays_changing_is_not_finished(rotation: ModuleType, cloud: Cloud) -> None:
    rotate(rotation, "one", "createSecret", "setSecret")
    cloud.statuses = ["modifying"]
    with pytest.raises(TimeoutError, match="exstrat-api is not active"):
        rotate(rotation, "one", "testSecret")
    assert "AWSCURRENT" not in cloud.stages
