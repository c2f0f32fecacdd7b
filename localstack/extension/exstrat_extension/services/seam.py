"""The seam to the data plane: GET /_fleet and POST /_fleet/facts."""

import json
from typing import Any

from localstack.http import Request, Response
from localstack.services.plugins import SERVICE_PLUGINS

from exstrat_extension.fleet import facts
from exstrat_extension.services.home import HOME
from exstrat_extension.services.snapshot import snapshot


def get_fleet(request: Request) -> Response:
    """The fleet as it is; polling it also lets time pass for grace periods and retries."""
    _require_services()
    with HOME.acting() as (fleet, _):
        return _answer(snapshot(fleet, HOME.ec2, HOME.elbv2))


def post_facts(request: Request) -> Response:
    """Applies a report. 200 with the unknown ones, or 400 and nothing of it applied."""
    try:
        report = facts.parse(json.loads(request.get_data()))
    except ValueError as error:
        return _answer({"message": f"the report is not JSON: {error}"}, 400)
    except facts.MalformedFact as error:
        return _answer({"message": str(error)}, 400)
    _require_services()
    with HOME.acting() as (fleet, now):
        unknown = [fact.instance_id for fact in report if not facts.apply(fleet, fact, now)]
    return _answer({"accepted": len(report) - len(unknown), "unknown": unknown})


def _require_services() -> None:
    """moto's backends behind the snapshot are patched when their services are loaded."""
    for service in ("ec2", "elbv2", "autoscaling"):
        SERVICE_PLUGINS.require(service)


def _answer(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")
