"""The systemd units of the instances, as systemd reads them, and what must hold between them and their neighbours."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = Path(__file__).resolve().parents[1] / "modules"
DAEMONS = {"app": "api", "controller": "controller"}
SYSTEM = Path("/usr/lib/systemd/system")
READ_BY_OTHERS = 0o004


def instance(module: str) -> Path:
    return MODULES / module / "instance"


def setting(unit: Path, key: str) -> str:
    """The one value of this key in the unit's file."""
    (value,) = re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)
    return str(value)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None or not SYSTEM.is_dir(), reason="systemd is not here")
@pytest.mark.parametrize("module", DAEMONS)
def test_systemd_finds_nothing_amiss(module: str, tmp_path: Path) -> None:
    """In a root of its own, where the programs are that the units start."""
    shutil.copytree(SYSTEM, tmp_path / "usr/lib/systemd/system", symlinks=True)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    ours = [*instance(module).glob("*.service"), *instance(module).glob("*.timer")]
    for unit in ours:
        shutil.copy(unit, units)
    for command in re.findall(r"^Exec\w+=\+?(/\S+)", "".join(unit.read_text() for unit in ours), re.MULTILINE):
        program = tmp_path / command.removeprefix("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(mode=0o755)
    names = [unit.name for unit in ours]
    said = subprocess.run(
        ["systemd-analyze", f"--root={tmp_path}", "--man=no", "verify", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize(("module", "daemon"), DAEMONS.items())
def test_the_agent_may_read_the_log_that_it_collects(module: str, daemon: str) -> None:
    """systemd makes it, as root, with what UMask leaves of 0666."""
    unit = instance(module) / f"{daemon}.service"
    log = setting(unit, "StandardError").removeprefix("append:")
    agent = json.loads((instance(module) / "cloudwatch-agent.json.tftpl").read_text())
    files = agent["logs"]["logs_collected"]["files"]["collect_list"]
    assert [file["file_path"] for file in files] == [log]
    assert agent["agent"]["run_as_user"] == "cwagent"
    assert 0o666 & ~int(setting(unit, "UMask"), 8) & READ_BY_OTHERS
    assert int(setting(unit, "LogsDirectoryMode"), 8) & READ_BY_OTHERS
    assert log in (instance(module) / f"{daemon}.logrotate").read_text()
