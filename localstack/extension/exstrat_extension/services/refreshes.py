"""Instance refresh on the wire. A desired configuration is a version of the launch template."""

from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, ServiceRequest, handler

from exstrat_extension.fleet import groups, refresh
from exstrat_extension.fleet.errors import invalid
from exstrat_extension.fleet.model import Group, Refresh
from exstrat_extension.services.home import Home

Response = dict[str, Any]


class InstanceRefreshes:
    """A part of Auto Scaling."""

    _home: Home

    @handler("StartInstanceRefresh", expand=False)
    def start_refresh(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.resizable(fleet, request["AutoScalingGroupName"])
            version = self._version(group, request.get("DesiredConfiguration"))
            preferences = request.get("Preferences") or {}
            skip_matching = bool(preferences.get("SkipMatching"))
            started = refresh.start(group, version, now, skip_matching=skip_matching)
            return {"InstanceRefreshId": started.refresh_id}

    @handler("CancelInstanceRefresh", expand=False)
    def cancel_refresh(self, context: RequestContext, request: ServiceRequest) -> Response:
        with self._home.acting() as (fleet, now):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            return {"InstanceRefreshId": refresh.cancel(group, now).refresh_id}

    @handler("DescribeInstanceRefreshes", expand=False)
    def describe_refreshes(self, context: RequestContext, request: ServiceRequest) -> Response:
        asked = request.get("InstanceRefreshIds") or []
        with self._home.acting() as (fleet, _):
            group = groups.named(fleet, request["AutoScalingGroupName"])
            newest_first = reversed(group.refreshes)
            chosen = [each for each in newest_first if not asked or each.refresh_id in asked]
            return {"InstanceRefreshes": [_described(group, each) for each in chosen]}

    def _version(self, group: Group, configuration: Response | None) -> str | None:
        if not configuration:
            return None
        if "MixedInstancesPolicy" in configuration:
            message = "A desired configuration of several instance types is not emulated."
            raise CommonServiceException("NotImplemented", message, 501)
        asked = configuration["LaunchTemplate"]
        template = self._home.autoscaling.autoscaling_groups[group.name].ec2_launch_template
        named = asked.get("LaunchTemplateId") or asked.get("LaunchTemplateName")
        if template is None or named not in (template.id, template.name):
            raise invalid(f"{group.name} does not launch from the launch template {named}.")
        version = str(asked["Version"])
        if version not in {str(each.number) for each in template.versions}:
            raise invalid(f"Could not find launch template version {version}.")
        return version


def _described(group: Group, described: Refresh) -> Response:
    every = len(described.outdated)
    left = len(refresh.outdated(group)) if described is group.refresh else 0
    response: Response = {
        "InstanceRefreshId": described.refresh_id,
        "AutoScalingGroupName": group.name,
        "Status": described.status.value,
        "StartTime": datetime.fromtimestamp(described.started_at, UTC),
        "PercentageComplete": 100 * (every - left) // every if every else 100,
        "InstancesToUpdate": left,
    }
    if described.ended_at is not None:
        response["EndTime"] = datetime.fromtimestamp(described.ended_at, UTC)
    return response
