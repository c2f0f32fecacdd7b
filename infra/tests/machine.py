"""An instance that is a folder: Terraform's own text of what makes it runs there, with AWS's programs and the system's
replaced."""

import base64
import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULES = Path(__file__).resolve().parents[1] / "modules"
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

_REFERENCE = re.compile(r"\b(?:data\.)?aws_\w+\.[\w.\[\]]+")
_LOCALS = re.compile(r"^locals \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)
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

    def files(self, program: str) -> dict[str, tuple[str, str]]:
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
            **self.settings,
        }
        return {path: ("0o755" if path.startswith("usr/") else "0o644", text) for path, text in plain.items()}


API = Daemon(
    name="api",
    module="app",
    locals_in=("install.tf", "launch_template.tf"),
    log_group="aws_cloudwatch_log_group.api.name",
    settings={"etc/api/parameter": "aws_ssm_parameter.environment.name\n"},
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
        self._terraform = folder / "terraform"
        inside = [self.root / path for path in ("root", SYSTEMD, "usr/local/bin", f"{AGENT}/bin")]
        for each in (self._cloud, self._programs, self._terraform, *inside):
            each.mkdir(parents=True)
        self.released(program)
        for name, line in STUBS.items():
            self.does(name, line)
        self.does("agent", "")
        self._write_terraform(install)

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
        text = _OF_THE_MACHINE.sub(f"{self.root}/", self._evaluated(script))
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

    def _write_terraform(self, install: str) -> None:
        module = MODULES / self.daemon.module
        release = {
            "version": "1.2.3",
            "bucket": "releases",
            "key": "the/program",
            "sha256": hashlib.sha256(self.program.encode()).hexdigest(),
            "install": install,
        }
        default = ", ".join(f'{key} = "{value}"' for key, value in release.items())
        sources = "".join((module / name).read_text() for name in self.daemon.locals_in)
        (self._terraform / "main.tf").write_text(
            f'variable "release" {{\n  default = {{ {default} }}\n}}\n'
            'locals {\n  environment = "LISTEN=0.0.0.0:8080"\n}\n'
            + _REFERENCE.sub(r'"\g<0>"', "".join(_LOCALS.findall(sources)))
        )
        (self._terraform / "instance").symlink_to(module / "instance")

    def _evaluated(self, local: str) -> str:
        done = subprocess.run(
            ["terraform", f"-chdir={self._terraform}", "console"],
            input=f"base64encode(local.{local})",
            env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return base64.b64decode(done.stdout.strip().strip('"')).decode()
