"""A group's size and its bounds: a value that cannot be out of bounds."""

from dataclasses import dataclass, replace

from exstrat_extension.fleet.errors import invalid


@dataclass(frozen=True)
class Capacity:
    """Numbers of instances, `0 <= min_size <= desired <= max_size`; anything else is `Refused`."""

    min_size: int
    max_size: int
    desired: int

    def __post_init__(self) -> None:
        if self.min_size < 0:
            raise invalid(f"Min bound, {self.min_size}, must be greater than or equal to 0")
        if self.max_size < self.min_size:
            raise invalid(
                f"Max bound, {self.max_size}, must be greater than or equal to "
                f"min bound, {self.min_size}"
            )
        if not self.min_size <= self.desired <= self.max_size:
            raise invalid(
                f"Desired capacity:{self.desired} must be between the specified "
                f"min size:{self.min_size} and max size:{self.max_size}"
            )

    def with_desired(self, desired: int) -> "Capacity":
        """SetDesiredCapacity: the bounds stay, a value outside them is refused in AWS's words."""
        if desired > self.max_size:
            raise invalid(
                f"New SetDesiredCapacity value {desired} is above max value {self.max_size} "
                "for the AutoScalingGroup."
            )
        if desired < self.min_size:
            raise invalid(
                f"New SetDesiredCapacity value {desired} is below min value {self.min_size} "
                "for the AutoScalingGroup."
            )
        return replace(self, desired=desired)

    def with_bounds(
        self, min_size: int | None, max_size: int | None, desired: int | None
    ) -> "Capacity":
        """UpdateAutoScalingGroup: a desired capacity that was not asked for follows the bounds."""
        low = self.min_size if min_size is None else min_size
        high = self.max_size if max_size is None else max_size
        if desired is None:
            desired = min(max(self.desired, low), high) if low <= high else self.desired
        return Capacity(low, high, desired)

    def shrunk_by_one(self) -> "Capacity":
        """One instance leaves and is not replaced."""
        if self.desired == self.min_size:
            raise invalid(
                f"Currently, desiredSize equals minSize ({self.min_size}). Terminating instance "
                "without replacement will violate group's min size constraint. Either set "
                "shouldDecrementDesiredCapacity flag to false or lower group's min size."
            )
        return replace(self, desired=self.desired - 1)


NOTHING = Capacity(0, 0, 0)
"""The capacity of a group that is being deleted."""
