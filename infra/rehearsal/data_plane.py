"""What the data plane would report of instances, said for it: they have no processes here."""

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from urllib.error import HTTPError

from rehearsal.cloud import Cloud

Json = dict[str, Any]
PERIOD_S = 1.0
PORT = 8080
"""Nothing listens there, and nobody asks: health is said too."""


@contextmanager
def data_plane(cloud: Cloud) -> Iterator[None]:
    """For as long as this lasts, instances of every group start, are healthy and leave as they are told to.

    The whole time, because Terraform waits for instances to be gone while it destroys; of every group, because the
    controller's has instances too.
    """
    over = Event()
    with ThreadPoolExecutor(max_workers=1) as executor:
        reporting = executor.submit(_report_until, over, f"{cloud.endpoint}/_fleet")
        try:
            yield
        finally:
            over.set()
    reporting.result()


def facts(fleet: Json) -> list[Json]:
    """What comes next for each instance and target of `GET /_fleet`. Pure."""
    of_instances = (_of_instance(instance) for instance in fleet["instances"])
    of_targets = (_of_target(group["arn"], target) for group in fleet["target_groups"] for target in group["targets"])
    return [fact for fact in (*of_targets, *of_instances) if fact]


def _of_instance(instance: Json) -> Json | None:
    who = {"instance_id": instance["instance_id"]}
    match instance["lifecycle_state"]:
        case "Pending" if instance["port"] is None:
            return {"fact": "instance_running", "port": PORT} | who
        case "Terminating" if instance["drained"]:
            return {"fact": "instance_exited"} | who
    return None


def _of_target(arn: str, target: Json) -> Json | None:
    who = {"target_group_arn": arn, "instance_id": target["instance_id"]}
    match target["state"]:
        case "initial":
            return {"fact": "target_health", "state": "healthy"} | who
        case "draining":
            return {"fact": "target_drained"} | who
    return None


def _report_until(over: Event, seam: str) -> None:
    while not over.wait(PERIOD_S):
        try:
            if found := facts(_ask(seam)):
                _ask(f"{seam}/facts", found)
        except HTTPError:
            raise
        except OSError:
            # A LocalStack that is too busy to answer is asked again: what is to be said follows from what it says.
            continue


def _ask(url: str, body: list[Json] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as response:
        return json.load(response)
