"""Budgets are moto's; whom one tells, and how it is tagged, is not asked for there."""

from collections import defaultdict
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto
from localstack.services.plugins import Service
from moto.budgets.models import budgets_backends

from exstrat_extension.services.control_plane import Answer, control_plane, missing

_TAGS: dict[str, list[dict[str, str]]] = defaultdict(list)
"""By ARN."""


def service() -> Service:
    ours = {
        "DescribeSubscribersForNotification": _subscribers,
        "CreateBudget": _create,
        "ListTagsForResource": lambda context, asked: {"ResourceTags": _TAGS[asked["ResourceARN"]]},
    }
    return control_plane("budgets", ours, on_moto=True)


def _create(context: RequestContext, request: dict[str, Any]) -> Answer:
    answer: Answer = call_moto(context)
    name = request["Budget"]["BudgetName"]
    arn = f"arn:aws:budgets::{request['AccountId']}:budget/{name}"
    _TAGS[arn] = request.get("ResourceTags", [])
    return answer


def _subscribers(context: RequestContext, request: dict[str, Any]) -> Answer:
    budgets = budgets_backends[context.account_id]["aws"].budgets[request["AccountId"]]
    asked = request["Notification"]
    for notification in budgets[request["BudgetName"]].notifications:
        if all(notification.details.get(key) == value for key, value in asked.items()):
            return {"Subscribers": notification.subscribers}
    raise missing("NotFoundException", f"That notification of {request['BudgetName']}")
