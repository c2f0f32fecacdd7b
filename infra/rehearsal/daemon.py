"""The controller, started with the configuration that Terraform wrote and under the role that Terraform made."""

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud import Cloud

Json = dict[str, Any]
PATIENT = "30s"
"""A machine with other work lets LocalStack wait."""
STOP_TIMEOUT_S = 40
"""It finishes its tick, and a call in it may take as long as it waits for AWS."""


@dataclass(frozen=True)
class Daemon:
    """One that runs."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def leads(self) -> bool:
        """By its own word; one that does not answer, because it starts or is dead, does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as response:
                return bool(json.load(response)["leads"])
        except OSError:
            return False

    def stop(self) -> None:
        """As a deploy would: it gives the lease back."""
        self.process.terminate()
        self.process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """As the loss of its instance would: nobody is told."""
        self.process.kill()
        self.process.wait()


class Controller:
    """Its program, its file, and the environment that a machine would give it.

    The file is left as it is: where the journal and the listener are, how often and how late it looks, and where AWS
    answers and within what time, is said by the environment.
    """

    def __init__(self, program: Path, folder: Path, cloud: Cloud, output: Json, journal: str) -> None:
        """`journal` is the database that all of them share."""
        self._program, self._folder, self._cloud, self._journal = program, folder, cloud, journal
        self.role: str = output["controller_role_arn"]
        self.file = folder / "controller.toml"
        self.file.write_text(output["controller_configuration"])

    def check(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._program), "check", "--config", str(self.file), *words]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)

    @contextmanager
    def running(self, call_timeout: str | None = PATIENT) -> Iterator[Daemon]:
        """A daemon, killed afterwards if it still runs; what it journalled outlives it.

        `call_timeout` is how long it waits for AWS; none leaves what the file says, and so the lease of 11 s.
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = self._environment() | {"CONTROLLER_LISTEN": f"127.0.0.1:{port}"}
        if call_timeout:
            environment["CONTROLLER_AWS__CALL_TIMEOUT"] = call_timeout
        command = ["setpriv", "--pdeathsig", "KILL", "--", str(self._program), "run", "--config", str(self.file)]
        with (self._folder / "controller.log").open("ab") as log:
            daemon = Daemon(subprocess.Popen(command, env=environment, stdout=log, stderr=log), port)
        try:
            yield daemon
        finally:
            daemon.kill()

    def log_tail(self) -> str:
        return (self._folder / "controller.log").read_text()[-1500:]

    def _environment(self) -> dict[str, str]:
        session = self._cloud.client("sts").assume_role(RoleArn=self.role, RoleSessionName="controller")
        keys = session["Credentials"]
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CONTROLLER_"))}
        return ours | {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CONTROLLER_AWS__ENDPOINT_URL": self._cloud.endpoint,
            "CONTROLLER_JOURNAL": self._journal,
            "CONTROLLER_TICK": "1s",
            # Metrics are published before their minute is over, and not after it as AWS does.
            "CONTROLLER_METRICS__PUBLISH_DELAY": "0s",
        }
