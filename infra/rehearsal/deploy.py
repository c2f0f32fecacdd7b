"""A release: applied, brought to the instances, and undone by an alarm; with `infra/deploy`, as an engineer would."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from rehearsal.cloud import REGION, Cloud
from rehearsal.fleet import Fleet
from rehearsal.must import must
from rehearsal.runbook import aws_command_line
from rehearsal.terraform import INFRA, Terraform

BAKE_S = 60
"""Nobody comes meanwhile; what is looked at is what it leaves."""
PATIENCE_S = 240
"""Instances start and are warm within seconds, one after the other; the rest is for a machine that has other work."""


def goes_out(prod: Terraform, fleet: Fleet) -> None:
    before = fleet.version
    prod.release("0.2.0")
    prod.apply()
    must(fleet.version == before, "a release is applied: the group keeps its version", fleet.version)
    with fewest(fleet) as seen, deploying(prod, "--bake", str(BAKE_S)) as deploy:
        told = heard(deploy)
    must(deploy.returncode == 0, "infra/deploy brings it to the instances", told)
    after = fleet.version
    must(after != before, f"the group has version {after}", after)
    # The last old one may still be leaving.
    fleet.await_versions({after}, PATIENCE_S)
    must(min(seen) >= fleet.desired, f"at no time fewer than {fleet.desired} were in service", seen)


def is_undone(prod: Terraform, cloud: Cloud, fleet: Fleet, alarm: str) -> None:
    """An alarm while the last of it bakes."""
    before = fleet.version
    with fewest(fleet) as seen, deploying(prod, "--to", "1", "--bake", "3600") as deploy:
        fleet.await_versions({"1"}, PATIENCE_S)
        # By hand, as in an exercise on AWS: what is tried is not the alarm.
        cloud.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="an exercise")
        told = heard(deploy)
    undone = deploy.returncode == 1 and "undone" in told
    must(undone, "an alarm in the last minutes of a deploy: AWS goes back by itself", told)
    must(fleet.version == before, f"the group kept version {before}", fleet.version)
    fleet.await_versions({before}, PATIENCE_S)
    must(min(seen) >= fleet.desired, f"at no time fewer than {fleet.desired} were in service", seen)


@contextmanager
def deploying(prod: Terraform, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Gone afterwards: it follows a deploy for as long as that lasts."""
    path = f"{aws_command_line(INFRA.parent)}:{prod.environment['PATH']}"
    environment = {**prod.environment, "PATH": path, "AWS_PAGER": "", "AWS_DEFAULT_REGION": REGION, "POLL_S": "1"}
    command = ["setpriv", "--pdeathsig", "TERM", "--", "../../deploy", *words]
    print(f"$ ../../deploy {' '.join(words)}", flush=True)
    deploy = subprocess.Popen(
        command, cwd=prod.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield deploy
    finally:
        deploy.kill()
        deploy.wait()


def heard(deploy: subprocess.Popen[str]) -> str:
    """What it said by its end, which comes with our patience's."""
    try:
        told, _ = deploy.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        deploy.kill()
        told, _ = deploy.communicate()
    print("".join(f"      {line}\n" for line in told.splitlines()), end="", flush=True)
    return told


@contextmanager
def fewest(fleet: Fleet) -> Iterator[list[int]]:
    """How many were in service, looked at several times a second for as long as this lasts."""
    over, seen = Event(), [fleet.in_service]

    def look() -> None:
        while not over.wait(0.2):
            seen.append(fleet.in_service)

    with ThreadPoolExecutor(max_workers=1) as executor:
        looking = executor.submit(look)
        try:
            yield seen
        finally:
            over.set()
    looking.result()
