"""The runbook's commands: found in its text, and run as an engineer would."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from rehearsal.cloud import REGION
from rehearsal.must import must
from rehearsal.terraform import RELEASES

AWSCLI = "1.46.3"
_FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class NotHere:
    """Commands that begin so cannot run here."""

    begins: str
    because: str


def not_here(text: str) -> list[NotHere]:
    """From TOML: tables `command` with `begins` and `because`."""
    return [NotHere(each["begins"], each["because"]) for each in tomllib.loads(text)["command"]]


def prelude(text: str) -> str:
    """The first block of the runbook, which gives everything its name."""
    found = _FENCE.search(text)
    return found[1] if found else ""


def commands(text: str) -> list[str]:
    """Every command of the AWS command line, in the order of the text, each on one line."""
    prose = _FENCE.sub("", text)
    return [line for span in _SPAN.findall(prose) if (line := " ".join(span.split())).startswith("aws ")]


def blocks(text: str) -> list[str]:
    """Every block of shell in which AWS's command line is called, as it is typed."""
    typed = (re.sub(f"^{margin}", "", block, flags=re.MULTILINE) for margin, block in _BLOCK.findall(text))
    return [block for block in typed if re.search(r"\baws \w", block)]


def chosen(text: str, kept_out: list[NotHere]) -> Iterator[str]:
    return (line for line in commands(text) if not any(line.startswith(each.begins) for each in kept_out))


def left_over(text: str, kept_out: list[NotHere]) -> list[str]:
    """What is kept out and is in the runbook no more."""
    every = commands(text)
    return [each.begins for each in kept_out if not any(line.startswith(each.begins) for line in every)]


def run(infra: Path, prod: Path, environment: Mapping[str, str]) -> None:
    """In the folder of prod, one after the other in one shell, as they are read."""
    text, kept_out = (infra / "RUNBOOK.md").read_text(), not_here((Path(__file__).parent / "not_here.toml").read_text())
    must(not left_over(text, kept_out), "what is kept out is in the runbook", left_over(text, kept_out))
    (prod / "dist").mkdir()
    (prod / "dist" / "index.html").write_text("<!doctype html>")
    (prod / "api").write_bytes(b"a program")
    # Blocks are for a lost region, in the folder of the environment that replaces this one: here, this one itself.
    lines = [*chosen(text, kept_out), "cd ../recovery", *blocks(text)]
    steps = "\n".join(f"{{ {line}\n}} >/dev/null || exit {at}" for at, line in enumerate(lines, start=1))
    path = f"{aws_command_line(infra.parent)}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{prelude(text)}{steps}"],
        cwd=prod,
        env={**environment, "PATH": path, "AWS_PAGER": "", "AWS_DEFAULT_REGION": REGION, "releases": RELEASES},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = lines[min(done.returncode, len(lines)) - 1]
    must(done.returncode == 0, f"the runbook: {len(lines)} commands and blocks", f"{failed}\n{done.stderr}")
    for line in lines:
        print(indent(line, "      "), flush=True)
    print(f"      and {len(kept_out)} that cannot run here", flush=True)


def aws_command_line(root: Path) -> Path:
    """Where `aws` is; installed apart from the local cloud, whose botocore is another."""
    venv = root / ".local" / f"awscli-{AWSCLI}"
    if not (venv / "finished").exists():
        print(f"$ pip install awscli=={AWSCLI}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"awscli=={AWSCLI}"], check=True)
        (venv / "finished").touch()
    return venv / "bin"
