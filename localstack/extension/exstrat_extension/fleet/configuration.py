"""What instances are launched from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Configuration:
    """A version of a launch template, and the instance types if there are several.

    Where these are alike an instance needs no replacement: how a group divides itself between
    On-Demand and Spot, AWS changes without.
    """

    template_id: str
    template_name: str
    version: str
    instance_types: tuple[str, ...] = ()
    by_parameter: bool = False
    """Whether a parameter of Systems Manager says which image."""
    said: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """As a client said it, for who describes it."""

    @property
    def moves(self) -> bool:
        """Whether it may be something else tomorrow: AWS goes back to none such."""
        return self.by_parameter or self.version.startswith("$")
