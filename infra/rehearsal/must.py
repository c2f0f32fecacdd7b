"""What must be so, said either way."""

from typing import Any


class NotSo(Exception):
    """Something that was to be proved is not so."""


def must(condition: bool, what: str, found: Any = "") -> None:
    if not condition:
        raise NotSo(f"not so: {what}; found: {found}")
    print(f"ok    {what}", flush=True)
