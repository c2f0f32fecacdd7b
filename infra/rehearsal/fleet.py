"""The API's group as Terraform made it."""

import time
from typing import Any

from rehearsal.cloud import Cloud

Json = dict[str, Any]
START_S = 60.0
"""An instance starts within two rounds of the data plane's; the rest is for a machine that has other work."""


class Fleet:
    """The group, by the outputs of the stack."""

    def __init__(self, cloud: Cloud, output: Json) -> None:
        self.name: str = output["group_name"]
        self._autoscaling = cloud.client("autoscaling")

    def describe(self) -> Json:
        found = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        described: Json = found["AutoScalingGroups"][0]
        return described

    @property
    def desired(self) -> int:
        return int(self.describe()["DesiredCapacity"])

    @property
    def in_service(self) -> int:
        return sum(instance["LifecycleState"] == "InService" for instance in self.describe()["Instances"])

    @property
    def version(self) -> str:
        """Of the launch template, as the group says: what it starts by itself has it."""
        return str(self.describe()["LaunchTemplate"]["Version"])

    @property
    def versions(self) -> set[str]:
        """Those that the instances have."""
        return {str(instance["LaunchTemplate"]["Version"]) for instance in self.describe()["Instances"]}

    def set_desired(self, desired: int) -> None:
        self._autoscaling.set_desired_capacity(AutoScalingGroupName=self.name, DesiredCapacity=desired)

    def set_max(self, size: int) -> None:
        self._autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.name, MaxSize=size)

    def await_in_service(self) -> int:
        """The desired capacity, once as many instances are in service."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            described = self.describe()
            desired = int(described["DesiredCapacity"])
            states = [instance["LifecycleState"] for instance in described["Instances"]]
            if states == ["InService"] * desired:
                return desired
            time.sleep(0.5)
        raise TimeoutError(f"of {desired} instances not all are in service: {states}")

    def await_desired(self, above: int, patience_s: float) -> int:
        """The desired capacity once it is above a number, or when the patience is over."""
        deadline = time.monotonic() + patience_s
        while (desired := self.desired) <= above and time.monotonic() < deadline:
            time.sleep(0.5)
        return desired

    def await_versions(self, versions: set[str], patience_s: float) -> None:
        """Until the instances have these and no others."""
        deadline = time.monotonic() + patience_s
        while (seen := self.versions) != versions:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the instances have versions {seen}, not {versions}")
            time.sleep(0.5)

    def sizes_within(self, seconds: float) -> set[int]:
        """Every desired capacity that it has in that time."""
        ends, seen = time.monotonic() + seconds, {self.desired}
        while time.monotonic() < ends:
            time.sleep(0.5)
            seen.add(self.desired)
        return seen
