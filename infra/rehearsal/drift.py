"""What a plan would change, and what of it is the emulator's doing. Pure."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, order=True)
class Change:
    """One attribute of one resource; of a resource that would be made, replaced or destroyed, that verb."""

    address: str
    attribute: str


Changes = frozenset[Change]


@dataclass(frozen=True)
class Excuse:
    """False drift: resources by address with wildcards, attributes, and why the emulator makes it so."""

    resources: str
    attributes: tuple[str, ...]
    because: str

    def covers(self, change: Change) -> bool:
        # Brackets are an address's own.
        pattern = self.resources.replace("[", "[[]")
        return change.attribute in self.attributes and fnmatchcase(change.address, pattern)


def excuses(text: str) -> list[Excuse]:
    """The allow-list, from TOML: tables `excuse` with `resources`, `attributes` and `because`."""
    found = tomllib.loads(text)["excuse"]
    return [Excuse(e["resources"], tuple(e["attributes"]), e["because"]) for e in found]


def changes_of(plan: Json) -> Changes:
    """From `terraform show -json`: attributes that are updated in place, and whatever is not an update, by its verb."""
    resources = (c for each in plan.get("resource_changes", []) for c in _changes_of(each))
    outputs = plan.get("output_changes", {}).items()
    told = (Change(f"output.{name}", "value") for name, it in outputs if it["actions"] != ["no-op"])
    return frozenset([*resources, *told])


def unexplained(changes: Changes, allowed: Iterable[Excuse]) -> list[Change]:
    allowed = list(allowed)
    return sorted(c for c in changes if not any(excuse.covers(c) for excuse in allowed))


def unused(changes: Changes, allowed: Iterable[Excuse]) -> list[str]:
    """Excuses that nothing needs any more, by attribute: what was cured must not come back unseen."""
    return [
        f"{excuse.resources} {attribute}"
        for excuse in allowed
        for attribute in excuse.attributes
        if not any(c.attribute == attribute and excuse.covers(c) for c in changes)
    ]


def _changes_of(resource: Json) -> Iterable[Change]:
    change, address = resource["change"], resource["address"]
    actions = change["actions"]
    if actions in (["no-op"], ["read"]) or resource["mode"] == "data":
        return []
    if actions != ["update"]:
        return [Change(address, "+".join(actions))]
    return [Change(address, attribute) for attribute in _attributes(change)]


def _attributes(change: Json) -> list[str]:
    before, after = change["before"], change["after"]
    unknown = {name for name, it in change.get("after_unknown", {}).items() if _is_unknown(it)}
    names = before.keys() | after.keys() | unknown
    return sorted(name for name in names if name in unknown or before.get(name) != after.get(name))


def _is_unknown(it: Any) -> bool:
    """Terraform marks what it does not know yet in a shadow of the value."""
    if isinstance(it, dict):
        return any(_is_unknown(each) for each in it.values())
    if isinstance(it, list):
        return any(_is_unknown(each) for each in it)
    return bool(it)
