"""Budgets are moto's; who is told of one is not asked for there."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.plugins import Service
from moto.budgets.models import budgets_backends

from exstrat_extension.services.control_plane import Answer, control_plane, missing


def service() -> Service:
    ours = {"DescribeSubscribersForNotification": _subscribers}
    return control_plane("budgets", ours, on_moto=True)


def _subscribers(context: RequestContext, request: dict[str, Any]) -> Answer:
    budgets = budgets_backends[context.account_id]["aws"].budgets[request["AccountId"]]
    asked = request["Notification"]
    for notification in budgets[request["BudgetName"]].notifications:
        if all(notification.details.get(key) == value for key, value in asked.items()):
            return {"Subscribers": notification.subscribers}
    raise missing("NotFoundException", f"That notification of {request['BudgetName']}")
