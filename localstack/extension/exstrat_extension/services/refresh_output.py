"""Instance refreshes in the words of the API, newest first."""

from datetime import UTC, datetime
from typing import Any

from exstrat_extension.fleet.errors import ErrorCode, Refused
from exstrat_extension.fleet.model import Group
from exstrat_extension.fleet.refresh_model import Refresh, Rollback
from exstrat_extension.fleet.refresh_progress import progress, waits_for

Json = dict[str, Any]

PAGE, LARGEST_PAGE = 50, 100


def page(group: Group, request: Json, now: float) -> Json:
    """One page. The token is a refresh's identifier."""
    asked = request.get("InstanceRefreshIds") or []
    found = [r for r in reversed(group.refreshes) if not asked or r.refresh_id in asked]
    start = _position(found, request.get("NextToken"))
    end = start + min(request.get("MaxRecords") or PAGE, LARGEST_PAGE)
    response: Json = {
        "InstanceRefreshes": [_described(group, each, now) for each in found[start:end]]
    }
    return response | _said("NextToken", found[end].refresh_id if end < len(found) else None)


def _position(found: list[Refresh], token: str | None) -> int:
    ids = [each.refresh_id for each in found]
    if token is not None and token not in ids:
        raise Refused(ErrorCode.INVALID_NEXT_TOKEN, f"Invalid NextToken: {token}")
    return ids.index(token) if token else 0


def _described(group: Group, refresh: Refresh, now: float) -> Json:
    far = progress(group, refresh, now)
    response: Json = {
        "InstanceRefreshId": refresh.refresh_id,
        "AutoScalingGroupName": group.name,
        "Status": refresh.status.value,
        "StartTime": _time(refresh.started_at),
        "PercentageComplete": far.percent,
        "InstancesToUpdate": far.to_update,
        "Strategy": "Rolling",
    }
    return (
        response
        | _said("StatusReason", waits_for(group, refresh, now))
        | _said("EndTime", refresh.end and _time(refresh.end.at))
        | _said("Preferences", dict(refresh.preferences.said))
        | _said("DesiredConfiguration", refresh.wanted and dict(refresh.wanted.said))
        | _said("RollbackDetails", refresh.rollback and _way_back(refresh.rollback))
    )


def _way_back(rollback: Rollback) -> Json:
    return {
        "RollbackReason": rollback.reason,
        "RollbackStartTime": _time(rollback.started_at),
        "PercentageCompleteOnRollback": rollback.turned_at.percent,
        "InstancesToUpdateOnRollback": rollback.turned_at.to_update,
    }


def _said(key: str, value: Any) -> Json:
    return {key: value} if value else {}


def _time(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
