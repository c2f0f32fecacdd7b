"""Calls under an assumed role, held against that role's policies as IAM would, and remembered.

Whoever calls with other credentials may do everything, as everywhere in LocalStack.
"""

import json
import time
from collections import deque
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Request, Response
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header
from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends

from exstrat_extension.permissions.policy import Call, allows
from exstrat_extension.services.home import HOME

CALLS_KEPT = 10_000

PREFIXES = {"elbv2": "elasticloadbalancing", "events": "events", "stepfunctions": "states"}
"""Where an action's prefix is not the service's name."""

_calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)


def guard(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """In the chain of handlers, before the service is asked."""
    role = None if context.is_internal_call else _role(context)
    if role is None or context.service is None or context.operation is None:
        return
    call = _call(context)
    allowed = allows(_documents(role), call)
    _calls.append(
        {
            "at": time.time(),
            "role": role.arn,
            "action": call.action,
            "resource": call.resource,
            "allowed": allowed,
        }
    )
    if not allowed:
        raise CommonServiceException(
            "AccessDenied",
            f"{role.arn} is not authorized to perform {call.action} on resource {call.resource}, "
            "because no identity-based policy allows it.",
            403,
            True,
        )


def get_calls(request: Request) -> Response:
    """The latest calls under assumed roles, oldest first."""
    return Response(json.dumps(list(_calls)), mimetype="application/json")


def _role(context: RequestContext) -> Role | None:
    key = extract_access_key_id_from_auth_header(context.request.headers)
    backend = sts_backends[context.account_id][context.partition]
    assumed = backend.get_assumed_role_from_access_key(key) if key else None
    if assumed is None:
        return None
    return iam_backends[assumed.account_id][context.partition].get_role_by_arn(assumed.role_arn)


def _documents(role: Role) -> list[dict[str, Any]]:
    managed = [policy.document for policy in role.managed_policies.values()]
    return [json.loads(document) for document in [*role.policies.values(), *managed]]


def _call(context: RequestContext) -> Call:
    service, operation = context.service.service_name, context.operation.name
    request: dict[str, Any] = dict(context.service_request or {})
    namespace = request.get("Namespace")
    conditions = (
        {"cloudwatch:namespace": namespace} if service == "cloudwatch" and namespace else {}
    )
    action = f"{PREFIXES.get(service, service)}:{operation}"
    return Call(action, _resource(context, action, request), conditions)


def _resource(context: RequestContext, action: str, request: dict[str, Any]) -> str:
    """The resource of those calls that AWS knows one of, as far as ours make them; `*` of others,
    so that a statement on one resource never allows them."""
    where = f"{context.region}:{context.account_id}"
    match action:
        case "autoscaling:SetDesiredCapacity" | "autoscaling:UpdateAutoScalingGroup":
            group = HOME.autoscaling.autoscaling_groups.get(request.get("AutoScalingGroupName"))
            return str(group.arn) if group else "*"
        case "sns:Publish":
            return str(request.get("TopicArn") or "*")
        case "ssm:GetParameter":
            name = str(request.get("Name", "")).removeprefix("/")
            return f"arn:{context.partition}:ssm:{where}:parameter/{name}"
        case "secretsmanager:GetSecretValue":
            return str(request.get("SecretId") or "*")
        case "s3:GetObject":
            return f"arn:{context.partition}:s3:::{request.get('Bucket')}/{request.get('Key')}"
    return "*"
