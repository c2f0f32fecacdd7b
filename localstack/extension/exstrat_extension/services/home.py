"""The one place where the fleet's state is held, locked and given the time.

One account and one region: that of the local cloud. Everything that reads or changes the fleet
does so `acting`, so that what follows from a change (`reconcile`, EC2's view) is there when the
lock is released.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.cloudwatch.models import cloudwatch_stores
from moto.autoscaling.models import AutoScalingBackend, autoscaling_backends
from moto.ec2.models import EC2Backend, ec2_backends
from moto.elbv2.models import ELBv2Backend, elbv2_backends

from exstrat_extension.fleet.configuration import Configuration
from exstrat_extension.fleet.departures import failed
from exstrat_extension.fleet.errors import Refused
from exstrat_extension.fleet.model import Fleet
from exstrat_extension.fleet.reconcile import reconcile
from exstrat_extension.services import configurations
from exstrat_extension.services.ec2_mirror import Ec2Mirror
from exstrat_extension.services.refresh_input import PACE, pace

LOG = logging.getLogger(__name__)

ACCOUNT_ID = "000000000000"
REGION = os.environ.get("AWS_DEFAULT_REGION", "eu-west-3")


class Home:
    """The fleet, its lock, and moto's backends for the resources around it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.fleet = Fleet()
        self.remembered: dict[str, dict[str, Any]] = {}
        """Settings of groups that moto drops, as requested."""
        self.pace = pace(os.environ.get(PACE, "1"))
        self._written: dict[str, Configuration] = {}
        """By group: what moto has from a refresh."""
        self._mirror = Ec2Mirror()

    @property
    def autoscaling(self) -> AutoScalingBackend:
        return autoscaling_backends[ACCOUNT_ID][REGION]

    @property
    def ec2(self) -> EC2Backend:
        return ec2_backends[ACCOUNT_ID][REGION]

    @property
    def elbv2(self) -> ELBv2Backend:
        return elbv2_backends[ACCOUNT_ID][REGION]

    def alarms(self) -> dict[str, str]:
        """The states of all alarms, by name."""
        kept = list(cloudwatch_stores[ACCOUNT_ID][REGION].alarms.values())
        return {each.alarm["AlarmName"]: each.alarm["StateValue"] for each in kept}

    @contextmanager
    def acting(self) -> Iterator[tuple[Fleet, float]]:
        """The fleet as of now, and the time, locked; afterwards all consequences are drawn.

        A refusal leaves as the AWS error it stands for.
        """
        with self.lock:
            now = time.time()
            self._settle(now)
            try:
                yield self.fleet, now
            except Refused as refused:
                raise CommonServiceException(
                    refused.code.value, refused.message, 400, True
                ) from refused
            finally:
                self._settle(now)

    def look(self) -> None:
        """Draws the consequences of what happened elsewhere, such as an alarm's."""
        with self.acting():
            pass

    def _settle(self, now: float) -> None:
        """Draws the consequences, and lets EC2 and moto's register follow."""
        states = self.alarms().items()
        self.fleet.alarming = frozenset(name for name, state in states if state == "ALARM")
        reconcile(self.fleet, now)
        self._write_configurations()
        for failure in self._mirror.follow(self.fleet, self.ec2, self.autoscaling):
            LOG.warning("Group %s: %s", failure.group.name, failure.message)
            failed(self.fleet, failure.group, failure.instance, failure.message, now)
        for name in set(self.autoscaling.autoscaling_groups) - set(self.fleet.groups):
            del self.autoscaling.autoscaling_groups[name]
            self.remembered.pop(name, None)
            self._written.pop(name, None)

    def _write_configurations(self) -> None:
        """moto's groups have what their refreshes brought them to."""
        for name, group in self.fleet.groups.items():
            configuration = group.configuration
            is_new = self._written.get(name) is not configuration
            if configuration and configuration.said and is_new:
                configurations.write(self.autoscaling.autoscaling_groups[name], configuration)
                self._written[name] = configuration


HOME = Home()
"""The process's only one."""
