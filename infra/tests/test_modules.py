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


def test_the_key_of_copied_backups_is_looked_for_where_it_is() -> None:
    texts = (source("data"), (INFRA / "state" / "main.tf").read_text())
    aliases = [re.findall(r'"(alias/exstrat-[a-z]+)"', text) for text in texts]
    assert aliases[0] == aliases[1]
    assert len(aliases[0]) == 1
