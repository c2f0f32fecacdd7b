"""Instance refresh on the wire."""

from typing import Any

from localstack.aws.api import RequestContext, ServiceRequest, handler

from exstrat_extension.fleet import groups, refresh
from exstrat_extension.fleet.errors import invalid
from exstrat_extension.services import configurations, refresh_output
from exstrat_extension.services.home import Home
from exstrat_extension.services.refresh_input import not_emulated, preferences

Response = dict[str, Any]


class InstanceRefreshes:
    """A part of Auto Scaling."""

    _home: Home

    @handler("StartInstanceRefresh", expand=False)
    def start_refresh(self, context: RequestContext, request: ServiceRequest) -> Response:
        strategy = request.get("Strategy", "Rolling")
        if strategy != "Rolling":
            raise not_emulated(strategy)
        with self._home.acting() as (fleet, now):
            group = groups.resizable(fleet, request["AutoScalingGroupName"])
            asked = request.get("Preferences") or {}
            kept = self._home.remembered.get(group.name, {})
            chosen = preferences(asked, group, kept, self._home.pace)
            self._must_exist_as_alarms(chosen.alarms)
            wanted = configurations.desired(self._home.ec2, request.get("DesiredConfiguration"))
            started = refresh.start(group, wanted, chosen, now)
            return {"InstanceRefreshId": started.refresh_id}

    @handler("CancelInstanceRefresh", expand=False)
    def cancel_refresh(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            wait = request.get("WaitForTransitioningInstances", True)
            return {"InstanceRefreshId": refresh.cancel(fleet, group, now, wait=wait).refresh_id}

    @handler("RollbackInstanceRefresh", expand=False)
    def roll_back_refresh(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            return {"InstanceRefreshId": refresh.roll_back(group, now).refresh_id}

    @handler("DescribeInstanceRefreshes", expand=False)
    def describe_refreshes(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            return refresh_output.page(group, request, now)

    def _must_exist_as_alarms(self, names: tuple[str, ...]) -> None:
        if unknown := sorted(set(names) - self._home.alarms().keys()):
            raise invalid(f"Alarms: found {', '.join(unknown)}; must be alarms that exist")
