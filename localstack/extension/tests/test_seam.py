"""The seam's own manners: what it refuses, where it listens, what it costs."""

import json
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.cloud import LOCALSTACK, Cloud, environment, exited, running


def test_a_malformed_report_is_refused_whole(cloud: Cloud) -> None:
    stack = cloud.stack()
    instance_id = cloud.instances(stack.group)[0]["instance_id"]
    report = [running(instance_id, 41234), {"fact": "instance_exited"}]
    status, answer = cloud.post("/_fleet/facts", json.dumps(report).encode())
    assert status == 400
    assert answer["message"] == ("facts[1].instance_id: found None; must be a non-empty string")
    assert cloud.instances(stack.group)[0]["port"] is None


def test_what_is_not_json_is_refused(cloud: Cloud) -> None:
    status, answer = cloud.post("/_fleet/facts", b"[{")
    assert status == 400
    assert answer["message"].startswith("the report is not JSON")


def test_unknown_instances_are_no_error(cloud: Cloud) -> None:
    assert cloud.report(exited("i-gone")) == {"accepted": 0, "unknown": ["i-gone"]}
    assert cloud.report() == {"accepted": 0, "unknown": []}


def test_a_killed_instance_is_replaced(cloud: Cloud) -> None:
    stack = cloud.stack()
    lost, kept = cloud.start(stack)
    cloud.report(exited(lost))
    states = {i["instance_id"]: i["lifecycle_state"] for i in cloud.instances(stack.group)}
    assert lost not in states
    assert states.pop(kept) == "InService"
    assert list(states.values()) == ["Pending"]
    assert lost not in cloud.health(stack.api_arn)


def test_the_snapshot_has_the_groups_own_desired_capacity(cloud: Cloud) -> None:
    """And not what its instances add up to: a launch that is put off is desired all the same."""
    stack = cloud.stack()
    suspended = {"AutoScalingGroupName": stack.group, "ScalingProcesses": ["Launch"]}
    cloud.autoscaling.suspend_processes(**suspended)
    cloud.autoscaling.set_desired_capacity(AutoScalingGroupName=stack.group, DesiredCapacity=5)
    groups = {g["name"]: g["desired_capacity"] for g in cloud.snapshot()["groups"]}
    assert groups[stack.group] == 5
    assert len(cloud.instances(stack.group)) == 2


def test_only_loopback_is_listened_on(cloud: Cloud) -> None:
    """Every 127/8 address reaches a socket bound to 0.0.0.0; one bound to 127.0.0.1 is alone."""
    port = urlsplit(cloud.endpoint).port
    assert port is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_a_taken_port_ends_the_start_with_a_sentence(cloud: Cloud, tmp_path: Path) -> None:
    port = urlsplit(cloud.endpoint).port
    assert port is not None
    second = subprocess.run(
        LOCALSTACK,
        env=environment(port, tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode != 0
    assert f"GATEWAY_LISTEN: found port {port}, which cannot be listened on" in second.stdout


def test_the_snapshot_is_cheap(cloud: Cloud) -> None:
    stack = cloud.stack(DesiredCapacity=20)
    cloud.start(stack)
    began = time.perf_counter()
    for _ in range(20):
        cloud.snapshot()
    assert (time.perf_counter() - began) / 20 < 0.2
