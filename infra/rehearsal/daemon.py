"""The controller, started with the configuration that Terraform wrote and under the role that Terraform made."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rehearsal.cloud import Cloud

Json = dict[str, Any]
STOP_TIMEOUT_S = 20


class Controller:
    """Its program, its file, and the environment that a machine would give it.

    The file is left as it is: where the journal and the listener are, how often and how late it looks, and where AWS
    answers and within what time, is said by the environment.
    """

    def __init__(self, program: Path, folder: Path, cloud: Cloud, output: Json) -> None:
        self._program, self._folder, self._cloud = program, folder, cloud
        self.role: str = output["controller_role_arn"]
        self.file = folder / "controller.toml"
        self.file.write_text(output["controller_configuration"])

    def check(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._program), "check", "--config", str(self.file), *words]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The daemon, killed afterwards as a lost instance would be; its journal outlives it."""
        command = ["setpriv", "--pdeathsig", "KILL", "--", str(self._program), "run", "--config", str(self.file)]
        with (self._folder / "controller.log").open("ab") as log:
            process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait(STOP_TIMEOUT_S)

    def log_tail(self) -> str:
        return (self._folder / "controller.log").read_text()[-1500:]

    def _environment(self) -> dict[str, str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
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
            "CONTROLLER_JOURNAL": str(self._folder / "controller.journal"),
            "CONTROLLER_LISTEN": f"127.0.0.1:{port}",
            "CONTROLLER_TICK": "1s",
            # A machine with other work lets LocalStack wait.
            "CONTROLLER_AWS__CALL_TIMEOUT": "30s",
            # Metrics are published before their minute is over, and not after it as AWS does.
            "CONTROLLER_METRICS__PUBLISH_DELAY": "0s",
        }
