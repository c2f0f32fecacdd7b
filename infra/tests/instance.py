"""An instance that runs: the script that writes its daemon's environment into memory, with the programs of AWS's and
systemd's replaced."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.terraform import MODULES

AWS = """
set -euo pipefail
case "$1 $2 $3" in
"ssm get-parameter --name" | "secretsmanager get-secret-value --secret-id") answer=$CLOUD/$4 ;;
*) exit 1 ;;
esac
case "${*:5}" in
"--output json") cat "$answer" ;;
"--query $6 --output text") jq -er ".$6" "$answer" ;;
esac
"""
PROGRAMS = {
    "aws": AWS,
    "ec2-metadata": "[[ $1 == --instance-id ]] && echo i-1",
    "systemctl": 'echo "$@" >>"$CLOUD/restarts"',
    "chgrp": 'echo "$@" >>"$CLOUD/groups"',
    "chown": "",
}
"""`chgrp` and `chown` are there because the daemons' users are not."""


class Instance:
    """Its folders, and a cloud of files: a parameter, a secret, by its name."""

    def __init__(self, folder: Path, daemon: str, module: str, told: dict[str, str]) -> None:
        """What it is `told` when it is made, by the file's name in the daemon's folder of /etc."""
        self.script = (MODULES / module / "instance" / f"{daemon}-environment").read_text()
        self._programs, self._etc = folder / "bin", folder / "etc"
        self.run, self.cloud = folder / "run" / daemon, folder / "cloud"
        for each in (self.run.parent, self.cloud, self._programs, self._etc):
            each.mkdir()
        self._here = self.script.replace("/run/", f"{folder}/run/")
        for name, value in told.items():
            self.tell(name, value)
            self._here = self._here.replace(f"/etc/{daemon}/{name}", str(self._etc / name))
        for name, line in PROGRAMS.items():
            (self._programs / name).write_text(f"#!/usr/bin/bash\n{line}\n")
            (self._programs / name).chmod(0o755)

    def tell(self, name: str, value: str) -> None:
        (self._etc / name).write_text(value)

    def parameter(self, name: str, value: str) -> None:
        self._answer(name, {"Parameter": {"Value": value}})

    def secret(self, name: str, age_h: float = 100, /, **value: str) -> None:
        made = (datetime.now(UTC) - timedelta(hours=age_h)).isoformat()
        self._answer(name, {"CreatedDate": made, "SecretString": json.dumps(value)})

    def write(self, *words: str) -> int:
        environment = {"PATH": f"{self._programs}:{os.environ['PATH']}", "CLOUD": str(self.cloud)}
        done = subprocess.run(["bash", "-c", self._here, "-", *words], env=environment, check=False)
        assert list(self.run.parent.iterdir()) == ([self.run] if self.run.exists() else []), "something is left over"
        return done.returncode

    def files(self) -> dict[str, str]:
        """What it wrote, by name."""
        return {file.name: file.read_text() for file in self.run.iterdir()}

    def modes(self) -> dict[str, str]:
        return {file.name: oct(file.stat().st_mode & 0o777) for file in self.run.iterdir()}

    def restarts(self) -> list[str]:
        log = self.cloud / "restarts"
        return log.read_text().splitlines() if log.exists() else []

    def _answer(self, name: str, answer: object) -> None:
        (self.cloud / name).write_text(json.dumps(answer))
