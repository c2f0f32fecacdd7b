"""IAM's policy documents: whether they allow a call.

What they may hold here is what is understood here; anything else is refused with its name, because
a statement that is passed over could be the one that denies.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Json = dict[str, Any]

UNDERSTOOD = {"Sid", "Effect", "Action", "Resource", "Condition"}


class NotUnderstood(ValueError):
    """A policy document holds what is not emulated."""


@dataclass(frozen=True)
class Call:
    """One call: `service:Operation`, its resource's ARN (`*` without one), its condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def allows(documents: Iterable[Json], call: Call) -> bool:
    """Some statement allows it and none denies it."""
    statements = [s for document in documents for s in _each(document["Statement"])]
    effects = {statement["Effect"] for statement in statements if _applies(statement, call)}
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Json, call: Call) -> bool:
    if unknown := statement.keys() - UNDERSTOOD:
        raise NotUnderstood(
            f"{', '.join(sorted(unknown))} of {statement.get('Sid', 'a statement')}"
        )
    return (
        any(_like(call.action.lower(), action.lower()) for action in _each(statement["Action"]))
        and any(_like(call.resource, resource) for resource in _each(statement["Resource"]))
        and all(
            _holds(operator, key, _each(values), call.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    """A key that the call does not have fulfils no condition."""
    if operator not in _OPERATORS:
        raise NotUnderstood(f"the condition operator {operator}")
    found = context.get(key)
    return found is not None and any(_OPERATORS[operator](found, value) for value in values)


def _like(text: str, pattern: str) -> bool:
    """`*` and `?` are wildcards, brackets are not."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
}


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
