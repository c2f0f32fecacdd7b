"""Metrics of a load balancer with users, as CloudWatch would have them, minute by minute."""

import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rehearsal.cloud import Cloud

Json = dict[str, Any]
MINUTE_S = 60


@dataclass(frozen=True)
class Load:
    """A minute of `GET /dashboard`: requests, their time in seconds, and the instances' CPU in percent."""

    requests: int
    latency_s: float
    cpu_percent: float


QUIET = Load(600, 0.3, 20.0)
"""Three instances serve it well: each serves some 16 requests a second at most, as in all of these."""
SLOW = Load(2880, 6.0, 98.0)
"""More than three instances serve; five would."""
SLOWER = Load(4200, 6.0, 98.0)
"""More than five instances serve; seven would."""


def served_by(instances: int) -> Load:
    """As much as so many serve well: ten requests a second each."""
    return Load(600 * instances, 0.5, 61.0)


class Demand:
    def __init__(self, cloud: Cloud, configuration: str) -> None:
        """`configuration` is the controller's: the dimensions that it watches are those to fill."""
        (group,) = tomllib.loads(configuration)["group"]
        self._metrics = cloud.client("cloudwatch")
        self._balancer = {"LoadBalancer": group["load_balancer"]}
        self._targets = self._balancer | {"TargetGroup": group["objective_target_group"]}
        self._group = {"AutoScalingGroupName": group["name"]}
        self._published: set[int] = set()

    def publish(self, load: Load, minutes: Iterable[int], instances: int) -> float:
        """For minutes by number, 0 the one that runs now, negative before, positive ahead.

        What was published stays, so a minute that has its metrics keeps them. Returns when the first of the others is
        over, in Unix seconds; at once if there is none.
        """
        now = int(time.time()) // MINUTE_S
        new = {now + minute for minute in minutes} - self._published
        for minute in new:
            self._publish(load, minute * MINUTE_S, instances)
        self._published |= new
        return float((min(new, default=0) + 1) * MINUTE_S)

    def _publish(self, load: Load, at_s: int, instances: int) -> None:
        times = {"Values": [load.latency_s], "Counts": [float(load.requests)]}
        self._put(
            "AWS/ApplicationELB",
            _datum("RequestCount", self._targets, at_s, Value=float(load.requests)),
            _datum("TargetResponseTime", self._targets, at_s, **times),
            _datum("HealthyHostCount", self._targets, at_s, Value=float(instances)),
        )
        self._put("AWS/EC2", _datum("CPUUtilization", self._group, at_s, Value=load.cpu_percent))
        in_service = _datum("GroupInServiceInstances", self._group, at_s, Value=float(instances))
        self._put("AWS/AutoScaling", in_service)

    def _put(self, namespace: str, *data: Json) -> None:
        self._metrics.put_metric_data(Namespace=namespace, MetricData=list(data))


def _datum(metric: str, dimensions: dict[str, str], at_s: int, **sample: Any) -> Json:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    at = datetime.fromtimestamp(at_s, UTC)
    return {"MetricName": metric, "Dimensions": named, "Timestamp": at} | sample
