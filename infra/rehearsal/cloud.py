"""A LocalStack of our own with the project's extension, on a free port of 127.0.0.1."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-west-3"
START_TIMEOUT_S = 180
"""A first start on a busy machine compiles thousands of modules before its first word."""


@dataclass(frozen=True)
class Cloud:
    endpoint: str

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )


@contextmanager
def localstack(folder: Path) -> Iterator[Cloud]:
    """Gone afterwards, with all that was in it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "FILESYSTEM_ROOT": str(folder / "root"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "OVERRIDE_IN_DOCKER": "0",
        "LOCALSTACK_CLI": "0",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": REGION,
        "LS_LOG": "warning",
        # A warm-up of a minute for each of a deploy's instances, and the bake, pass in seconds.
        "EXSTRAT_REFRESH_PACE": "30",
    }
    log = folder / "localstack.log"
    # SIGKILL: it takes five seconds over a SIGTERM, swallows it while it starts, and has nothing to save.
    command = ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-m", "localstack.runtime.main"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        cloud = Cloud(f"http://127.0.0.1:{port}")
        _await_ready(cloud.endpoint, process, log)
        yield cloud
    finally:
        process.kill()
        process.wait()


def _await_ready(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # The health endpoint answers long before the services that every snapshot needs are loaded.
            urllib.request.urlopen(f"{endpoint}/_fleet", timeout=30).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(f"LocalStack does not start:\n{log.read_text()[-2000:]}")
