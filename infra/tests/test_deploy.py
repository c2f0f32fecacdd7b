"""`infra/deploy` before programs that answer as AWS's and Terraform's would; the rehearsal runs it on the emulator."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="infra/deploy takes jq, which is not on the path")

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
ALARMS = ["exstrat-test-p95", "exstrat-test-refused"]
TEMPLATE = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "exstrat-test", "Version": "6"}
VERSIONS = [{"VersionNumber": number, "VersionDescription": f"api 0.{number}.0"} for number in (7, 6, 5)]
PREFERENCES = {
    "SkipMatching": True,
    "AutoRollback": True,
    "BakeTime": 300,
    "ScaleInProtectedInstances": "Ignore",
    "StandbyInstances": "Ignore",
}
# What is asked is kept, argument by argument; what is asked again is answered anew, and the last answer stays.
STUB = """#!/usr/bin/env bash
[[ $1 == output ]] && exec cat outputs.json
printf '%s\\0' "$@" >"$2.asked"
next=$(ls "$2".*.json | head -1)
cat "$next"
[[ $(ls "$2".*.json | wc -l) == 1 ]] || rm "$next"
"""


class Account:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for program in ("aws", "terraform"):
            (folder / program).write_text(STUB)
            (folder / program).chmod(stat.S_IRWXU)
        outputs = {"group_name": "exstrat-test", "runbook": {"rollback_alarms": ALARMS}}
        (folder / "outputs.json").write_text(json.dumps(outputs))
        self.answers("describe-auto-scaling-groups", {"AutoScalingGroups": [{"LaunchTemplate": TEMPLATE}]})
        self.answers("describe-launch-template-versions", {"LaunchTemplateVersions": VERSIONS})
        self.answers("describe-alarms", {"MetricAlarms": []})
        self.answers("start-instance-refresh", {"InstanceRefreshId": "r-1"})
        self.goes("Pending", "InProgress", "Baking", "Successful")

    def answers(self, operation: str, *each: object) -> None:
        for before in self._folder.glob(f"{operation}.*.json"):
            before.unlink()
        for at, answer in enumerate(each):
            (self._folder / f"{operation}.{at}.json").write_text(json.dumps(answer))

    def goes(self, *statuses: str) -> None:
        told = [{"InstanceRefreshes": [{"InstanceRefreshId": "r-1", "Status": status}]} for status in statuses]
        self.answers("describe-instance-refreshes", *told)

    def deploy(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": f"{self._folder}:{os.environ['PATH']}", "POLL_S": "0"}
        return subprocess.run(
            [DEPLOY, *words], cwd=self._folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    def asked(self, operation: str, option: str) -> Any:
        words = (self._folder / f"{operation}.asked").read_text().split("\0")
        return json.loads(words[words.index(option) + 1])

    @property
    def started(self) -> bool:
        return (self._folder / "start-instance-refresh.asked").exists()


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def test_the_newest_version_is_what_aws_shall_write_into_the_group_in_the_end(account: Account) -> None:
    done = account.deploy()
    assert done.returncode == 0, done.stderr
    assert "from version 6 of its launch template to 7 (api 0.7.0)" in done.stdout
    wanted = account.asked("start-instance-refresh", "--desired-configuration")
    assert wanted == {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "7"}}
    preferences = account.asked("start-instance-refresh", "--preferences")
    assert preferences == PREFERENCES | {"AlarmSpecification": {"Alarms": ALARMS}}


def test_of_a_mixed_group_all_stays_but_the_version(account: Account) -> None:
    policy = {
        "LaunchTemplate": {"LaunchTemplateSpecification": TEMPLATE, "Overrides": [{"InstanceType": "c7g.large"}]},
        "InstancesDistribution": {"OnDemandBaseCapacity": 2},
    }
    account.answers("describe-auto-scaling-groups", {"AutoScalingGroups": [{"MixedInstancesPolicy": policy}]})
    assert account.deploy("--to", "5").returncode == 0
    wanted = account.asked("start-instance-refresh", "--desired-configuration")["MixedInstancesPolicy"]
    assert wanted["LaunchTemplate"] == {
        "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "5"},
        "Overrides": [{"InstanceType": "c7g.large"}],
    }
    assert wanted["InstancesDistribution"] == {"OnDemandBaseCapacity": 2}


def test_nothing_is_deployed_while_an_alarm_is_on_unless_told(account: Account) -> None:
    states = ("ALARM", "OK")
    told = [{"AlarmName": name, "StateValue": state} for name, state in zip(ALARMS, states, strict=True)]
    account.answers("describe-alarms", {"MetricAlarms": told})
    refused = account.deploy()
    assert refused.returncode == 1
    assert "in ALARM: exstrat-test-p95" in refused.stderr
    assert not account.started
    assert account.deploy("--despite-alarms", "--bake", "0").returncode == 0
    assert account.asked("start-instance-refresh", "--preferences") == PREFERENCES | {"BakeTime": 0}


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (("InProgress", "RollbackInProgress", "RollbackSuccessful"), "undone: the group has the version that it had"),
        (("InProgress", "RollbackInProgress", "RollbackFailed"), "RollbackFailed: instances of both versions"),
        (("Cancelling", "Cancelled"), "Cancelled: instances of both versions"),
        (("InProgress", "Failed"), "Failed: instances of both versions"),
    ],
)
def test_whatever_is_no_success_is_none(account: Account, statuses: tuple[str, ...], told: str) -> None:
    account.goes(*statuses)
    done = account.deploy()
    assert done.returncode == 1
    assert told in done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()[1:]] == list(statuses)


def test_an_answer_that_does_not_come_is_no_failure_of_the_deploy(account: Account) -> None:
    nothing: dict[str, Any] = {"InstanceRefreshes": []}
    going, gone = ({"InstanceRefreshes": [{"Status": status}]} for status in ("InProgress", "Successful"))
    account.answers("describe-instance-refreshes", going, nothing, gone)
    assert account.deploy().returncode == 0
    account.answers("describe-instance-refreshes", going, nothing)
    alone = account.deploy()
    assert alone.returncode == 1
    assert "it goes on without you: --watch follows it" in alone.stderr


def test_what_aws_does_not_start_is_told(account: Account) -> None:
    account.answers("start-instance-refresh")
    refused = account.deploy()
    assert refused.returncode == 1
    assert "AWS does not start it" in refused.stderr


def test_a_running_one_is_followed_and_none_is_no_success(account: Account) -> None:
    assert account.deploy("--watch").returncode == 0
    assert not account.started
    none = account.deploy("--watch")
    assert none.returncode == 1
    assert "no deploy of exstrat-test is running" in none.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "4"], "--to is 4; the launch template has these versions:\n5 (api 0.5.0)\n6 (api 0.6.0)\n7 (api 0"),
        (["--to", "latest"], '--to is "latest"; a whole number is needed'),
        (["--to"], '--to is ""; a whole number is needed'),
        (["now"], '"now" is none of its words'),
    ],
)
def test_bad_words_start_nothing(account: Account, words: list[str], told: str) -> None:
    done = account.deploy(*words)
    assert done.returncode == 1
    assert told in done.stderr
    assert not account.started
