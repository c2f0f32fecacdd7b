"""The group's instances, without processes: what the data plane would report of them is said for it."""

import itertools
import json
import time
import urllib.request
from typing import Any

from rehearsal.cloud import Cloud

Json = dict[str, Any]


class Fleet:
    """The API's group as Terraform made it, by the outputs of the stack."""

    def __init__(self, cloud: Cloud, output: Json) -> None:
        self._cloud = cloud
        self.name: str = output["group_name"]
        self._autoscaling = cloud.client("autoscaling")
        self._ports = itertools.count(41000)

    def describe(self) -> Json:
        found = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        described: Json = found["AutoScalingGroups"][0]
        return described

    @property
    def desired(self) -> int:
        return int(self.describe()["DesiredCapacity"])

    def set_desired(self, desired: int) -> None:
        self._autoscaling.set_desired_capacity(AutoScalingGroupName=self.name, DesiredCapacity=desired)

    def set_max(self, size: int) -> None:
        self._autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.name, MaxSize=size)

    def settle(self) -> None:
        """Every pending instance runs and is healthy, every terminating one is gone."""
        arns = self.describe()["TargetGroupARNs"]
        for instance in self._instances("Pending"):
            self._report({"fact": "instance_running", "instance_id": instance, "port": next(self._ports)})
            for arn in arns:
                healthy = {"target_group_arn": arn, "instance_id": instance, "state": "healthy"}
                self._report({"fact": "target_health"} | healthy)
        for instance in self._instances("Terminating"):
            for arn in arns:
                self._report({"fact": "target_drained", "target_group_arn": arn, "instance_id": instance})
            self._report({"fact": "instance_exited", "instance_id": instance})

    def await_desired(self, above: int, patience_s: float) -> int:
        """The desired capacity once it is above a number, or when the patience is over."""
        deadline = time.monotonic() + patience_s
        while (desired := self.desired) <= above and time.monotonic() < deadline:
            time.sleep(0.5)
        return desired

    def _instances(self, state: str) -> list[str]:
        with urllib.request.urlopen(f"{self._cloud.endpoint}/_fleet", timeout=30) as response:
            every = json.load(response)["instances"]
        ours = (i for i in every if i["group"] == self.name and i["lifecycle_state"] == state)
        return [instance["instance_id"] for instance in ours]

    def _report(self, fact: Json) -> None:
        body = json.dumps([fact]).encode()
        request = urllib.request.Request(f"{self._cloud.endpoint}/_fleet/facts", body, method="POST")
        urllib.request.urlopen(request, timeout=30).close()
