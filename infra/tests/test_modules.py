"""What holds for the modules as text."""

import re
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[1]
MODULES = sorted(folder.name for folder in (INFRA / "modules").iterdir())


def source(module: str) -> str:
    return "".join(file.read_text() for file in (INFRA / "modules" / module).glob("*.tf"))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_brings_no_provider_and_pins_what_it_needs(module: str) -> None:
    text = source(module)
    assert not re.search(r"^provider ", text, re.MULTILINE)
    assert 'version = "~> 5.100"' in text
    assert "required_version" in text


@pytest.mark.parametrize("module", MODULES)
def test_every_output_is_described(module: str) -> None:
    outputs = re.findall(r'^output "(\w+)" \{\n(.*?)^\}', source(module), re.MULTILINE | re.DOTALL)
    assert [name for name, text in outputs if "description" not in text] == []
