"""Every variable is typed and described; the modules that use a value check it, and those that hand it on do not."""

import re
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[1]
VARIABLE = re.compile(r'^variable "(\w+)" \{\n.*?^\}', re.MULTILINE | re.DOTALL)
CHECKING = [f"modules/{name}" for name in ("network", "data", "app", "edge", "monitoring", "controller")]
HANDING_ON = ["modules/stack", "envs/root"]
SETTINGS = {
    "fleet": "modules/app",
    "safety_net": "modules/app",
    "database": "modules/data",
    "cache": "modules/data",
    "network": "modules/stack",
    "controller": "modules/stack",
    "releases": "modules/stack",
}
"""What is handed on as objects, and who says which attributes there are."""


def source(folder: str) -> str:
    return "".join(file.read_text() for file in (INFRA / folder).glob("*.tf"))


def variables(folder: str) -> dict[str, str]:
    """Their text, by name."""
    found = {match[1]: match[0] for match in VARIABLE.finditer(source(folder))}
    assert found
    return found


def without(what: str, found: dict[str, str]) -> list[str]:
    return [name for name, text in found.items() if not re.search(rf"^  {what}\b", text, re.MULTILINE)]


@pytest.mark.parametrize("folder", [*CHECKING, *HANDING_ON])
def test_each_is_typed_and_described(folder: str) -> None:
    found = variables(folder)
    assert without("type", found) == []
    assert without("description", found) == []


@pytest.mark.parametrize("folder", CHECKING)
def test_each_is_checked_where_its_type_leaves_a_choice(folder: str) -> None:
    found = variables(folder)
    choices = {name: text for name, text in found.items() if not re.search(r"^  type +=(?= bool$)", text, re.MULTILINE)}
    assert without("validation", choices) == []


@pytest.mark.parametrize("folder", [*CHECKING, *HANDING_ON])
def test_each_is_of_use(folder: str) -> None:
    text, found = source(folder), variables(folder)
    assert [name for name, own in found.items() if not re.search(rf"\bvar\.{name}\b", text.replace(own, ""))] == []


@pytest.mark.parametrize("folder", HANDING_ON)
@pytest.mark.parametrize("name", SETTINGS)
def test_no_attribute_gets_lost_on_the_way(folder: str, name: str) -> None:
    """Terraform drops an attribute that a type on the way does not know, without a word."""
    assert attributes(folder, name) == attributes(SETTINGS[name], name)


def attributes(folder: str, name: str) -> set[str]:
    declared = re.search(r"^  type += object\(\{\n(.*?)^  \}\)", variables(folder)[name], re.MULTILINE | re.DOTALL)
    assert declared
    return set(re.findall(r"(\w+) +=", declared[1]))


def test_the_stack_knows_every_key_of_the_policy() -> None:
    known = re.search(r"contains\(\[(.*?)\], key\)", variables("modules/stack")["controller"], re.DOTALL)
    assert known
    assert set(re.findall(r'"(\w+)"', known[1])) == attributes("modules/controller", "policy")
