"""What Terraform makes of a module's locals, by itself and without AWS."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

MODULES = Path(__file__).resolve().parents[1] / "modules"
NEEDS_TERRAFORM = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not here")

_REFERENCE = re.compile(r"\b(?:data\.)?aws_\w+\.[\w.\[\]]+")
_LOCALS = re.compile(r"^locals \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)


class Locals:
    """Those of a module's files, in a folder of their own. What AWS would tell is the question's own name."""

    def __init__(self, folder: Path, module: str, files: Iterable[str], variables: Mapping[str, Any]) -> None:
        self._folder, source = folder, MODULES / module
        text = "".join((source / name).read_text() for name in files)
        (folder / "locals.tf").write_text(_REFERENCE.sub(r'"\g<0>"', "".join(_LOCALS.findall(text))))
        defaults = {name: {"default": value} for name, value in variables.items()}
        (folder / "variables.tf.json").write_text(json.dumps({"variable": defaults}))
        (folder / "instance").symlink_to(source / "instance")

    def value(self, local: str) -> str:
        done = subprocess.run(
            ["terraform", f"-chdir={self._folder}", "console"],
            input=f"base64encode(local.{local})",
            env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return base64.b64decode(done.stdout.strip().strip('"')).decode()
