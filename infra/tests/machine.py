"""An instance that is a folder: Terraform's own text of what makes it runs there, with AWS's programs and the system's
replaced."""

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.terraform import MODULES, Locals

PROGRAM = '#!/usr/bin/bash\n[[ $1 == --version ]] && echo "1.2.3"\n'
SYSTEMD = "etc/systemd/system"
AGENT = "opt/aws/amazon-cloudwatch-agent"
AGENT_CTL = f"{AGENT}/bin/amazon-cloudwatch-agent-ctl"
STUBS = {
    "dnf": f'mkdir -p "$ROOT/{AGENT}/etc" "$ROOT/etc/logrotate.d"',
    "aws": '[[ $* == "s3 cp --only-show-errors s3://releases/the/program "* ]] && cp "$CLOUD/program" "${@: -1}"',
    "curl": 'while [[ $1 != --output ]]; do shift; done; echo certificates >"$2"',
    "id": "exit 1",
    "useradd": "",
    "systemctl": "",
    "shutdown": "",
}
"""Each writes its words into a log, and then does this."""

_OF_THE_MACHINE = re.compile(r"(?<![\w.}])/(?=(?:root|etc|opt|usr/local)/)")


@dataclass(frozen=True)
class Daemon:
    name: str
    module: str
    locals_in: tuple[str, ...]
    """The files of the module whose locals make the script."""
    log_group: str
    settings: dict[str, str]
    """What Terraform tells it, by path. AWS's answers are the questions' own names."""
    variables: dict[str, Any] = field(default_factory=dict)
    """The module's, as far as those locals need them."""

    def files(self, program: str, settings: dict[str, str]) -> dict[str, tuple[str, str]]:
        """What must be on an instance: mode and text, by path."""
        ours, name = MODULES / self.module / "instance", self.name
        agent = (ours / "cloudwatch-agent.json.tftpl").read_text()
        units = (f"{name}.service", f"{name}-environment.service", f"{name}-environment.timer")
        plain = {
            **{f"{SYSTEMD}/{unit}": (ours / unit).read_text() for unit in units},
            f"usr/local/bin/{name}-environment": (ours / f"{name}-environment").read_text(),
            f"etc/logrotate.d/{name}": (ours / f"{name}.logrotate").read_text(),
            f"{AGENT}/etc/{name}.json": agent.replace("${log_group}", self.log_group).replace("$${", "${"),
            f"etc/{name}/rds.pem": "certificates\n",
            f"usr/local/bin/{name}": program,
            **settings,
        }
        return {path: ("0o755" if path.startswith("usr/") else "0o644", text) for path, text in plain.items()}


API = Daemon(
    name="api",
    module="app",
    locals_in=("environment.tf", "install.tf", "launch_template.tf"),
    log_group="aws_cloudwatch_log_group.api.name",
    settings={"etc/api/settings": "local.environment"},
    variables={
        "name": "exstrat-test",
        "app_port": 8080,
        "fleet": {"max": 20},
        "cors_origins": ["https://app.example.com", "https://beta.example.com"],
        "connection": {
            "primary_host": "proxy.internal",
            "replica_host": "replica.internal",
            "port": 5432,
            "database": "exstrat",
            "pool_size": 4,
            "cache_host": "redis.internal",
            "cache_port": 6379,
            "secret_arns": {name: name for name in ("database_a", "database_b", "cache", "jwt", "prices")},
        },
    },
)
CONTROLLER = Daemon(
    name="controller",
    module="controller",
    locals_in=("daemons.tf",),
    log_group="aws_cloudwatch_log_group.this.name",
    settings={
        "etc/controller/settings": "AWS_REGION=data.aws_region.current.name\n"
        "PARAMETER=aws_ssm_parameter.configuration.name\n"
        "DATABASE_HOST=aws_db_instance.journal.address\n"
        "DATABASE_SECRET=aws_db_instance.journal.master_user_secret[0].secret_arn\n"
    },
)


class Machine:
    def __init__(self, folder: Path, daemon: Daemon, install: str = "boot", program: str = PROGRAM) -> None:
        self.daemon, self.program = daemon, program
        self.root, self._cloud, self._programs = folder / "root", folder / "cloud", folder / "bin"
        terraform = folder / "terraform"
        inside = [self.root / path for path in ("root", SYSTEMD, "usr/local/bin", f"{AGENT}/bin")]
        for each in (self._cloud, self._programs, terraform, *inside):
            each.mkdir(parents=True)
        self.released(program)
        for name, line in STUBS.items():
            self.does(name, line)
        self.does("agent", "")
        variables = {**daemon.variables, "release": self._release(install)}
        self._locals = Locals(terraform, daemon.module, daemon.locals_in, variables)

    def released(self, program: str) -> None:
        """This lies in S3, whatever its checksum was said to be."""
        (self._cloud / "program").write_text(program)

    def does(self, name: str, line: str) -> None:
        """From now on, when it is called."""
        path = self.root / AGENT_CTL if name == "agent" else self._programs / name
        path.write_text(f'#!/usr/bin/bash\necho "{name} $*" >>"$CLOUD/calls"\n{line}\n')
        path.chmod(0o755)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """This local of the module's, under the strictest umask that there may be."""
        environment = {
            "PATH": f"{self._programs}:{os.environ['PATH']}",
            "CLOUD": str(self._cloud),
            "ROOT": str(self.root),
        }
        text = _OF_THE_MACHINE.sub(f"{self.root}/", self._locals.value(script))
        command = ["bash", "-c", f"umask 077\n{text}"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def calls(self, program: str) -> list[str]:
        log = self._cloud / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line.removeprefix(f"{program} ") for line in lines if line.startswith(f"{program} ")]

    def files(self) -> dict[str, tuple[str, str]]:
        """What was put on it: mode and text, by path. /root is nobody's place, and packages bring the agent."""
        found = {str(path.relative_to(self.root)): path for path in self.root.rglob("*") if path.is_file()}
        return {
            name: (oct(path.stat().st_mode & 0o777), path.read_text())
            for name, path in found.items()
            if name != AGENT_CTL and not name.startswith("root/")
        }

    def wanted(self) -> dict[str, tuple[str, str]]:
        """What must be on it."""
        told = self.daemon.settings.items()
        return self.daemon.files(self.program, {path: self._text(text) for path, text in told})

    def _text(self, text: str) -> str:
        local = text.removeprefix("local.")
        return text if local == text else self._locals.value(local)

    def _release(self, install: str) -> dict[str, str]:
        return {
            "version": "1.2.3",
            "bucket": "releases",
            "key": "the/program",
            "sha256": hashlib.sha256(self.program.encode()).hexdigest(),
            "install": install,
        }
