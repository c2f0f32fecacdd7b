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
from moto.autoscaling.models import AutoScalingBackend, autoscaling_backends
from moto.ec2.models import EC2Backend, ec2_backends
from moto.elbv2.models import ELBv2Backend, elbv2_backends

from exstrat_extension.fleet.departures import failed
from exstrat_extension.fleet.errors import Refused
from exstrat_extension.fleet.model import Fleet
from exstrat_extension.fleet.reconcile import reconcile
from exstrat_extension.services.ec2_mirror import Ec2Mirror

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

    def _settle(self, now: float) -> None:
        """Draws the consequences, and lets EC2 and moto's register follow."""
        reconcile(self.fleet, now)
        for failure in self._mirror.follow(self.fleet, self.ec2, self.autoscaling):
            LOG.warning("Group %s: %s", failure.group.name, failure.message)
            failed(self.fleet, failure.group, failure.instance, failure.message, now)
        for name in set(self.autoscaling.autoscaling_groups) - set(self.fleet.groups):
            del self.autoscaling.autoscaling_groups[name]
            self.remembered.pop(name, None)


HOME = Home()
"""The process's only one."""
